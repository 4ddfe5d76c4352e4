-- One row a request that fell due, as in reported_within_standard: the same rows, asked by group of people.
SELECT
    unit_id,
    person_id,
    period_date,
    numerator,
    denominator
FROM indicator_reported_within_standard
