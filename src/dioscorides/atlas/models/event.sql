-- One row per event of a record, as the newest snapshot that shows the record states it.
SELECT e.*, m.medicine_id
FROM records.event AS e
INNER JOIN records.seen AS seen ON
    e.register = seen.register AND e.record_id = seen.record_id AND e.snapshot = seen.last_seen
LEFT JOIN identity.record_medicine AS m ON e.register = m.register AND e.record_id = m.record_id
ORDER BY m.medicine_id, e.register, e.record_id, e.date, e.event, e.row, e.before, e.text
