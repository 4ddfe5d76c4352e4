-- One row a site, role, band and census: of the leavers of twelve months, those who retired.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    leavers_retired_wte_12m AS numerator,
    leavers_wte_12m AS denominator
FROM mart_workforce
WHERE leavers_wte_12m > 0 AND leavers_retired_wte_12m IS NOT NULL
