-- One row a site, role, band and census: whole-time equivalents in post, of those funded.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    in_post_wte AS numerator,
    establishment_wte AS denominator
FROM mart_workforce
WHERE in_post_wte IS NOT NULL AND establishment_wte IS NOT NULL
