-- One row an accepted request received whose performing laboratory is known: not the receiving one, or the same.
SELECT
    mart_turnaround.request_id AS unit_id,
    mart_turnaround.person_id,
    mart_turnaround.received_date AS period_date,
    CASE WHEN mart_requests.performing_lab <> mart_requests.receiving_lab THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_turnaround
INNER JOIN mart_requests ON mart_turnaround.request_id = mart_requests.request_id
WHERE mart_requests.performing_lab <> 'not_recorded'
