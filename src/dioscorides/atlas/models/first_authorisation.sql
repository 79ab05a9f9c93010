-- One row per medicine and jurisdiction where it was ever authorised: the first authorisation and how it is known.
--
-- Definition: the earliest authorised event of an authorisation whose legal basis is full or well-established use, or
-- not stated. Registers that date one authorisation differently by up to a year speak of one event, and the weightier
-- register decides (legal act before register before list); dates further apart are different events of which the
-- earlier is the first. A centralised authorisation counts in a member state from its date for the EU, and what a member
-- state lists of one has the legal basis that the EU's record states.
--
-- An authorisation that is only known to lie before a day makes the first undated wherever it may be the earlier one.
-- It may not, and the stated date stands, where its bound lies after that date and
--   * a register dates that very authorisation within its bound, or
--   * it was numbered after a dated authorisation of the medicine, in a series of numbers that is given in order: one
--     in which the medicines' dates contradict the order of the numbers once in twenty comparisons at the most, or
--   * it is a member state's own and the date is the EU's, of a medicine that was new to the Union then: no state's
--     register knows an earlier one.
WITH weight AS (
    SELECT register, CASE rank WHEN 'legal_act' THEN 0 WHEN 'register' THEN 1 ELSE 2 END AS weight
    FROM register
    WHERE "current"
),
stated AS (
    SELECT
        a.medicine_id,
        a.jurisdiction,
        a.procedure,
        coalesce(a.number, a.record_id) AS number,
        coalesce(nullif(eu.legal_basis, 'unknown'), a.legal_basis) AS legal_basis,
        e.register,
        e.record_id,
        e.date,
        e.precision,
        e.before,
        w.weight
    FROM event AS e
    INNER JOIN authorisation AS a ON e.register = a.register AND e.record_id = a.record_id
    INNER JOIN weight AS w ON e.register = w.register
    LEFT JOIN authorisation AS eu ON a.central_record_id = eu.record_id AND eu.jurisdiction = 'EU'
    WHERE
        e.event = 'authorised'
        AND a.domain = 'human'
        AND a.medicine_id IS NOT NULL
        AND (a.legal_basis IN ('full', 'well_established', 'unknown') OR a.central_record_id IS NOT NULL)
),
-- what each register says of an authorisation: its earliest date, or a bound before which no date lies
by_register AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY medicine_id, jurisdiction, number, register
            ORDER BY coalesce(date, before) NULLS LAST, date NULLS FIRST, record_id
        ) AS register_place
    FROM stated
    WHERE legal_basis IN ('full', 'well_established', 'unknown')
),
one_each AS (
    SELECT
        *,
        min(date) OVER (PARTITION BY medicine_id, jurisdiction, number) AS earliest,
        max(date) OVER (PARTITION BY medicine_id, jurisdiction, number) AS latest,
        count(date) OVER (PARTITION BY medicine_id, jurisdiction, number) AS dates
    FROM by_register
    WHERE register_place = 1
),
-- of one authorisation, the date that counts
by_number AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY medicine_id, jurisdiction, number
            ORDER BY
                CASE
                    WHEN date IS NULL AND before <= earliest THEN 0
                    WHEN date <= earliest + INTERVAL 366 DAY THEN 1
                    WHEN date IS NOT NULL THEN 2
                    ELSE 3
                END,
                CASE WHEN date IS NULL THEN before END NULLS LAST,
                weight,
                date,
                register,
                record_id
        ) AS number_place
    FROM one_each
),
others AS (
    SELECT
        o.medicine_id,
        o.jurisdiction,
        o.number,
        array_agg(
            concat_ws(' ', CAST(coalesce(o.date, o.before) AS VARCHAR), o.register, o.record_id)
            ORDER BY o.date, o.register, o.record_id
        ) AS alternatives
    FROM by_number AS o
    INNER JOIN by_number AS c
        ON c.number_place = 1 AND o.number_place > 1
        AND o.medicine_id = c.medicine_id AND o.jurisdiction = c.jurisdiction AND o.number = c.number
    WHERE o.date IS NOT NULL AND o.date IS DISTINCT FROM c.date
    GROUP BY o.medicine_id, o.jurisdiction, o.number
),
candidate AS (
    SELECT
        c.*,
        -- letters and as many digits: numbers of one series, which sort as text
        CASE
            WHEN regexp_matches(c.number, '^[A-Za-z]*[0-9]+$')
                THEN concat(regexp_replace(c.number, '[0-9]+$', ''), length(c.number))
        END AS series,
        others.alternatives,
        CASE WHEN c.dates > 1 THEN date_diff('day', c.earliest, c.latest) ELSE 0 END AS spread_days
    FROM by_number AS c
    LEFT JOIN others
        ON c.medicine_id = others.medicine_id AND c.jurisdiction = others.jurisdiction AND c.number = others.number
    WHERE c.number_place = 1
),
-- states whose registers list central authorisations, and the medicines authorised there by whichever procedure
central AS (
    SELECT DISTINCT medicine_id, jurisdiction
    FROM stated
    WHERE jurisdiction IN (SELECT jurisdiction FROM authorisation WHERE procedure = 'centralised')
        AND jurisdiction <> 'EU'
),
eligible AS (
    -- a member state's own record of a central authorisation gives way to the EU's, where that has a date
    SELECT *, 'authorised' AS event_basis
    FROM candidate AS c
    WHERE
        procedure <> 'centralised'
        OR jurisdiction = 'EU'
        OR NOT EXISTS (
            SELECT 1 FROM candidate AS e
            WHERE e.jurisdiction = 'EU' AND e.medicine_id = c.medicine_id AND e.date IS NOT NULL
        )
    UNION ALL BY NAME
    SELECT c.* REPLACE (central.jurisdiction AS jurisdiction), 'authorised centrally' AS event_basis
    FROM candidate AS c
    INNER JOIN central ON c.medicine_id = central.medicine_id
    WHERE c.jurisdiction = 'EU' AND c.procedure = 'centralised'
),
in_series AS (
    SELECT
        *,
        row_number() OVER sorted AS series_place,
        first_value(number) OVER sorted AS first_number,
        lead(number) OVER sorted AS next_number
    FROM candidate
    WHERE date IS NOT NULL AND series IS NOT NULL
    WINDOW sorted AS (PARTITION BY medicine_id, jurisdiction, series ORDER BY date, number)
),
in_order AS (
    SELECT jurisdiction, series
    FROM in_series
    GROUP BY jurisdiction, series
    HAVING
        count(CASE WHEN number > first_number THEN 1 END) >= 20
        AND count(CASE WHEN number > first_number THEN 1 END)
        >= 20 * count(CASE WHEN series_place = 1 AND number > next_number THEN 1 END)
),
numbered_after AS (
    SELECT DISTINCT c.medicine_id, c.jurisdiction, c.number
    FROM candidate AS c
    INNER JOIN in_order ON c.jurisdiction = in_order.jurisdiction AND c.series = in_order.series
    INNER JOIN in_series AS d
        ON c.medicine_id = d.medicine_id AND c.jurisdiction = d.jurisdiction AND c.series = d.series
        AND c.number > d.number AND c.before > d.date
    WHERE c.date IS NULL
),
of_union AS (
    SELECT medicine_id, min(date) AS date
    FROM candidate
    WHERE jurisdiction = 'EU' AND procedure = 'centralised'
    GROUP BY medicine_id
),
of_states AS (
    SELECT c.medicine_id, c.jurisdiction, c.number, c.before, coalesce(c.date, c.before - INTERVAL 1 DAY) AS latest
    FROM candidate AS c
    INNER JOIN (SELECT DISTINCT jurisdiction FROM central) AS state ON c.jurisdiction = state.jurisdiction
    WHERE c.procedure <> 'centralised'
),
after_union AS (
    SELECT s.medicine_id, s.jurisdiction, s.number
    FROM of_states AS s
    INNER JOIN of_union AS u ON s.medicine_id = u.medicine_id AND s.before > u.date
    WHERE NOT EXISTS (SELECT 1 FROM of_states AS o WHERE o.medicine_id = u.medicine_id AND o.latest < u.date)
),
bounded AS (
    SELECT
        *,
        min(CASE WHEN date IS NULL THEN before END) OVER (PARTITION BY medicine_id, jurisdiction) AS undated_before,
        min(date) OVER (PARTITION BY medicine_id, jurisdiction) AS first_date,
        row_number() OVER (
            PARTITION BY medicine_id, jurisdiction
            ORDER BY
                -- one that may be the earlier and is known only to lie before a day stands before every dated one
                CASE WHEN date IS NULL AND before IS NOT NULL THEN 0 WHEN date IS NOT NULL THEN 1 ELSE 2 END,
                before,
                date,
                weight,
                register,
                record_id
        ) AS place
    FROM eligible AS e
    WHERE
        date IS NOT NULL
        OR NOT EXISTS (
            SELECT 1
            FROM (SELECT * FROM numbered_after UNION ALL SELECT * FROM after_union) AS later
            WHERE
                later.medicine_id = e.medicine_id
                AND later.jurisdiction = e.jurisdiction
                AND later.number = e.number
        )
)
SELECT
    medicine_id,
    jurisdiction,
    date,
    precision,
    CASE WHEN date IS NULL THEN CAST(least(undated_before, first_date + INTERVAL 1 DAY) AS DATE) END AS before,
    register,
    record_id,
    number,
    concat(
        event_basis,
        CASE legal_basis
            WHEN 'full' THEN '; full application'
            WHEN 'well_established' THEN '; well-established use'
            ELSE '; legal basis not stated by the register'
        END
    ) AS basis,
    alternatives,
    spread_days
FROM bounded
WHERE place = 1
ORDER BY medicine_id, jurisdiction
