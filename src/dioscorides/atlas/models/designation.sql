-- One row per designation, as the newest snapshot that shows it states it.
SELECT
    r.*,
    m.medicine_id,
    o.holder_id,
    seen.first_seen,
    seen.last_seen
FROM records.designation AS r
INNER JOIN records.seen AS seen ON
    r.register = seen.register AND r.record_id = seen.record_id AND r.snapshot = seen.last_seen
LEFT JOIN identity.record_medicine AS m ON r.register = m.register AND r.record_id = m.record_id
LEFT JOIN identity.holder AS o ON r.register = o.register AND r.holder_name = o.holder_name
ORDER BY m.medicine_id, r.register, r.record_id
