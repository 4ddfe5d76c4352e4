-- One row a site, role, band and census: people aged 55 and over, of all in post.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    headcount_55_plus AS numerator,
    in_post_headcount AS denominator
FROM mart_workforce
WHERE in_post_headcount > 0 AND headcount_55_plus IS NOT NULL
