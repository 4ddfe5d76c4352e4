-- One row a site, role, band and census: whole-time equivalents vacant, of those in post and vacant.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    vacant_wte AS numerator,
    in_post_wte + vacant_wte AS denominator
FROM mart_workforce
WHERE vacant_wte IS NOT NULL AND in_post_wte IS NOT NULL
