-- One row an accepted request received; the machinery counts its people once a period.
-- Null rules the person out: this request tells more of the ethnic group than not known.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE
        WHEN has_ethnic_group OR ethnic_category IN ('declined', 'unmapped') THEN NULL
        WHEN ethnic_category = 'not_known' THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted
