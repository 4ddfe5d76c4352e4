-- One row a report with variants: how many of them were deposited in a variant repository.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    variants_deposited AS numerator,
    variants_reported AS denominator
FROM mart_results
WHERE
    variants_reported > 0
    AND variants_deposited IS NOT NULL
