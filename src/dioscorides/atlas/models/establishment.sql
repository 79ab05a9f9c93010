-- One row per establishment, as the newest snapshot that shows it states it.
WITH seen AS (
    SELECT register, record_id, min(snapshot) AS first_seen, max(snapshot) AS last_seen
    FROM records.establishment
    GROUP BY register, record_id
)
SELECT e.*, seen.first_seen, seen.last_seen
FROM records.establishment AS e
INNER JOIN seen ON e.register = seen.register AND e.record_id = seen.record_id AND e.snapshot = seen.last_seen
ORDER BY e.register, e.record_id
