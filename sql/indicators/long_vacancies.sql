-- One row a site, role, band and census with a vacancy: whole-time equivalents vacant for three months or more.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    vacant_3_months_wte AS numerator,
    vacant_wte AS denominator
FROM mart_workforce
WHERE vacant_wte > 0 AND vacant_3_months_wte IS NOT NULL
