-- That a matter has ended for good (Art. 36) is asked of earlier cases at every filing, and must not take their journals.
ALTER TABLE cases ADD COLUMN terminated_on DATE;

UPDATE cases SET terminated_on = (
    SELECT (ended.body::json ->> 'on')::date FROM events AS ended
    WHERE ended.case_id = cases.id AND ended.kind = 'terminated'
    ORDER BY ended.seq DESC LIMIT 1
)
WHERE id IN (
    SELECT ended.case_id FROM events AS ended
    WHERE ended.kind = 'terminated' AND NOT EXISTS (
        SELECT 1 FROM events AS later
        WHERE later.case_id = ended.case_id AND later.kind = 'reopened' AND later.seq > ended.seq
    )
);
