-- One row an accepted request whose recorded ethnic group has both a code in use and a retired one.
-- The machinery counts its people once a period; a person counts when any request carries the retired code.
WITH groups_with_a_retired_code AS (
    SELECT DISTINCT ethnic_group
    FROM ref_ethnicity_codes
    WHERE status = 'legacy'
)

SELECT
    mart_requests.request_id AS unit_id,
    mart_requests.person_id,
    mart_requests.received_date AS period_date,
    CASE WHEN mart_requests.has_retired_ethnicity_code THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
INNER JOIN groups_with_a_retired_code ON mart_requests.ethnic_group = groups_with_a_retired_code.ethnic_group
WHERE mart_requests.is_accepted AND mart_requests.has_ethnic_group
