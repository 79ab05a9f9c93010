-- One row per record of a register: an authorisation as the newest snapshot that shows it states it.
SELECT
    a.*,
    m.medicine_id,
    o.holder_id,
    c.central_record_id,
    seen.first_seen,
    seen.last_seen
FROM records.authorisation AS a
INNER JOIN records.seen AS seen ON
    a.register = seen.register AND a.record_id = seen.record_id AND a.snapshot = seen.last_seen
LEFT JOIN identity.record_medicine AS m ON a.register = m.register AND a.record_id = m.record_id
LEFT JOIN identity.holder AS o ON a.register = o.register AND a.holder_name = o.holder_name
LEFT JOIN identity.central_record AS c ON a.register = c.register AND a.record_id = c.record_id
ORDER BY m.medicine_id, a.jurisdiction, a.register, a.record_id
