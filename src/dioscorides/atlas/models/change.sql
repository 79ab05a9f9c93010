-- One row per difference between two consecutive snapshots of a register.
WITH step AS (
    SELECT register, snapshot, lead(snapshot) OVER (PARTITION BY register ORDER BY snapshot) AS next_snapshot
    FROM (SELECT DISTINCT register, snapshot FROM records.snapshot)
),
dated AS (
    SELECT
        register,
        snapshot,
        record_id,
        CAST(min(date) AS VARCHAR) AS first_date
    FROM records.event
    WHERE event = 'authorised'
    GROUP BY register, snapshot, record_id
),
state AS (
    SELECT a.register, a.snapshot, a.record_id, a.status, a.holder_name, a.product_name, d.first_date
    FROM records.authorisation AS a
    LEFT JOIN dated AS d
        ON a.register = d.register AND a.snapshot = d.snapshot AND a.record_id = d.record_id
),
earlier AS (
    SELECT s.*, step.next_snapshot
    FROM state AS s
    INNER JOIN step ON s.register = step.register AND s.snapshot = step.snapshot
    WHERE step.next_snapshot IS NOT NULL
),
later AS (
    SELECT s.*, step.snapshot AS previous_snapshot
    FROM state AS s
    INNER JOIN step ON s.register = step.register AND s.snapshot = step.next_snapshot
),
pair AS (
    SELECT
        coalesce(e.register, l.register) AS register,
        coalesce(e.snapshot, l.previous_snapshot) AS "from",
        coalesce(e.next_snapshot, l.snapshot) AS "to",
        coalesce(e.record_id, l.record_id) AS record_id,
        e.record_id IS NULL AS is_new,
        l.record_id IS NULL AS is_gone,
        e.status AS status_before,
        l.status AS status_after,
        e.holder_name AS holder_before,
        l.holder_name AS holder_after,
        e.product_name AS name_before,
        l.product_name AS name_after,
        e.first_date AS date_before,
        l.first_date AS date_after
    FROM earlier AS e
    FULL OUTER JOIN later AS l
        ON e.register = l.register AND e.next_snapshot = l.snapshot AND e.record_id = l.record_id
)
SELECT register, "from", "to", record_id, kind, before, after
FROM (
    SELECT register, "from", "to", record_id, 'new' AS kind, CAST(NULL AS VARCHAR) AS before, status_after AS after
    FROM pair WHERE is_new
    UNION ALL
    SELECT register, "from", "to", record_id, 'gone', status_before, CAST(NULL AS VARCHAR)
    FROM pair WHERE is_gone
    UNION ALL
    SELECT register, "from", "to", record_id, 'status', status_before, status_after
    FROM pair WHERE NOT is_new AND NOT is_gone AND status_before IS DISTINCT FROM status_after
    UNION ALL
    SELECT register, "from", "to", record_id, 'holder', holder_before, holder_after
    FROM pair WHERE NOT is_new AND NOT is_gone AND holder_before IS DISTINCT FROM holder_after
    UNION ALL
    SELECT register, "from", "to", record_id, 'name', name_before, name_after
    FROM pair WHERE NOT is_new AND NOT is_gone AND name_before IS DISTINCT FROM name_after
    UNION ALL
    SELECT register, "from", "to", record_id, 'date', date_before, date_after
    FROM pair WHERE NOT is_new AND NOT is_gone AND date_before IS DISTINCT FROM date_after
) AS difference
ORDER BY register, "from", record_id, kind
