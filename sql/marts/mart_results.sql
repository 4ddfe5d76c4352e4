-- One row an accepted request with a first authorised report and an outcome: what was found, and what became of it.
SELECT
    stg_outcomes.* EXCLUDE (extracted_on),
    mart_requests.person_id,
    mart_requests.judged_on,
    mart_requests.directory,
    mart_requests.pathway,
    mart_requests.priority,
    mart_requests.technology,
    mart_requests.test_purpose,
    mart_requests.is_proband,
    mart_requests.genes_tested,
    mart_clock.report_date
FROM stg_outcomes
INNER JOIN mart_requests ON stg_outcomes.request_id = mart_requests.request_id
INNER JOIN mart_clock ON stg_outcomes.request_id = mart_clock.request_id
WHERE mart_requests.is_accepted AND mart_clock.report_date IS NOT NULL
