-- One row a site's registrants of 24 months ago and census: still in an NHS Scotland post, of all.
SELECT
    mart_workforce.post_id AS unit_id,
    mart_workforce.census_date AS period_date,
    mart_workforce.registrants_retained_24m AS numerator,
    mart_workforce.registrants_24_months_ago AS denominator
FROM mart_workforce
WHERE mart_workforce.registrants_24_months_ago > 0 AND mart_workforce.registrants_retained_24m IS NOT NULL
