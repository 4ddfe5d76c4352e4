-- One row an accepted request whose analysis was completed or failed: any failed or insufficient sample, or none.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN coalesce(failed_sample_count, 0) > 0 OR sample_outcome <> 'completed' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted AND sample_outcome IN ('completed', 'failed', 'insufficient')
