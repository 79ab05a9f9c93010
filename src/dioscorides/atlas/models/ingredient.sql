-- One row per substance in a product, as the newest snapshot that shows the product states it, with what it is.
SELECT
    i.*,
    l.substance_id,
    l.moiety_id,
    l.salt,
    l.judgement_id
FROM records.ingredient AS i
INNER JOIN records.seen AS seen ON
    i.register = seen.register AND i.record_id = seen.record_id AND i.snapshot = seen.last_seen
LEFT JOIN identity.substance_link AS l
    ON i.register = l.register
    AND i.name = l.name
    AND i.language IS NOT DISTINCT FROM l.language
    AND i.code_system IS NOT DISTINCT FROM l.code_system
    AND i.code IS NOT DISTINCT FROM l.code
ORDER BY i.register, i.record_id, i.position, i.role, i.name, i.row, i.language, i.code, i.strength
