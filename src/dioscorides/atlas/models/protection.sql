-- One row per protection of a product, as the newest snapshot that shows the product states it.
SELECT
    p.*,
    m.medicine_id,
    seen.first_seen,
    seen.last_seen
FROM records.protection AS p
INNER JOIN records.seen AS seen ON
    p.register = seen.register AND p.record_id = seen.record_id AND p.snapshot = seen.last_seen
LEFT JOIN identity.record_medicine AS m ON p.register = m.register AND p.record_id = m.record_id
ORDER BY m.medicine_id, p.register, p.record_id, p.kind, p.number, p.code, p.row, p.starts, p.expires, p.claims
