-- One row a reported CYP2C19 request of the stroke pathway; the machinery counts its people once a period.
SELECT
    mart_requests.request_id AS unit_id,
    mart_requests.person_id,
    mart_clock.report_date AS period_date
FROM mart_requests
INNER JOIN mart_clock ON mart_requests.request_id = mart_clock.request_id
WHERE
    mart_requests.is_accepted
    AND mart_requests.pathway = 'stroke'
    AND mart_requests.technology = 'targeted_pcr'
    AND mart_clock.report_date IS NOT NULL
