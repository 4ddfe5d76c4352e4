-- One row a prenatal QF-PCR request that fell due: reported within 3 calendar days of receipt, or not.
-- Standard: NHS Lothian prenatal cytogenetics page, which calls it the national target.
SELECT
    mart_turnaround.request_id AS unit_id,
    mart_turnaround.person_id,
    mart_turnaround.due_date AS period_date,
    CASE WHEN mart_turnaround.is_reported AND mart_turnaround.days_used <= 3 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_turnaround
INNER JOIN mart_requests ON mart_turnaround.request_id = mart_requests.request_id
WHERE
    mart_turnaround.turnaround_category = 'prenatal_rapid'
    AND mart_requests.technology = 'qf_pcr'
    AND mart_requests.pathway = 'prenatal'
    AND mart_turnaround.due_date < mart_turnaround.judged_on
