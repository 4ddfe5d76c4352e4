-- One row an accepted request received whose performing laboratory is known: outside Scotland, or not.
-- Source: reference/laboratories.csv says which laboratories are in Scotland.
SELECT
    mart_turnaround.request_id AS unit_id,
    mart_turnaround.person_id,
    mart_turnaround.received_date AS period_date,
    CASE WHEN ref_laboratories.is_scottish = 'yes' THEN 0 ELSE 1 END AS numerator,
    1 AS denominator
FROM mart_turnaround
INNER JOIN mart_requests ON mart_turnaround.request_id = mart_requests.request_id
INNER JOIN ref_laboratories ON mart_requests.performing_lab = ref_laboratories.code
