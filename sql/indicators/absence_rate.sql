-- One row a site, role, band and census: time absent, weighed by whole-time equivalents in post.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    absence_rate * in_post_wte AS numerator,
    in_post_wte AS denominator
FROM mart_workforce
WHERE absence_rate IS NOT NULL AND in_post_wte > 0
