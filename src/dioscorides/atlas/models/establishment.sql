-- One row per establishment, as the newest snapshot that shows it states it.
SELECT e.*, seen.first_seen, seen.last_seen
FROM records.establishment AS e
INNER JOIN records.seen AS seen ON
    e.register = seen.register AND e.record_id = seen.record_id AND e.snapshot = seen.last_seen
ORDER BY e.register, e.record_id
