-- One row an accepted request that holds an ethnic group, of a person with an earlier one that does too.
-- The machinery counts its people once a period. Null rules the person out: one change of group is enough.
WITH told AS (
    SELECT
        request_id,
        person_id,
        received_date,
        min(ethnic_category) OVER so_far = max(ethnic_category) OVER so_far AS is_same,
        row_number() OVER so_far AS place
    FROM mart_requests
    WHERE is_accepted AND has_ethnic_group
    WINDOW so_far AS (PARTITION BY person_id ORDER BY received_date, request_id)
)

SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN is_same THEN 1 END AS numerator,
    1 AS denominator
FROM told
WHERE place > 1
