-- One row an accepted germline request of the rare directory whose specialty is recorded:
-- from outside genetics, or not.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN referrer_specialty <> 'A3' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted AND directory = 'rare' AND origin = 'germline' AND referrer_specialty <> 'not_recorded'
