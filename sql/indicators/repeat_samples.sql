-- One row an accepted request whose analysis was completed or failed: a sample came after one failed, or none did.
-- More than one sample alone is no repeat: a child and both parents tested together are one request with three samples.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE
        WHEN sample_count > 1 AND failed_sample_count > 0 AND sample_count > failed_sample_count THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted AND sample_outcome IN ('completed', 'failed', 'insufficient')
