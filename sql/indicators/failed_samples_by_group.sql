-- One row an analysed request, as in failed_samples: the same rows, asked by group of people.
SELECT
    unit_id,
    person_id,
    period_date,
    numerator,
    denominator
FROM indicator_failed_samples
