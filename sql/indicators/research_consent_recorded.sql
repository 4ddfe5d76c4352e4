-- One row a report of somebody who was offered research: whether it is recorded if they consented.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN research_consented IN ('yes', 'no') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE research_offered = 'yes'
