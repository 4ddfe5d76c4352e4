-- One row a site, role, band and census: leavers of twelve months, of the mean in post over that year's censuses.
SELECT
    now.post_id AS unit_id,
    now.census_date AS period_date,
    now.leavers_wte_12m AS numerator,
    sum(of_year.in_post_wte) / count(of_year.in_post_wte) AS denominator
FROM mart_workforce AS now
INNER JOIN ref_days AS now_day ON now.census_date = now_day.day
INNER JOIN mart_workforce AS of_year
    ON now.site = of_year.site AND now.role = of_year.role AND now.afc_band = of_year.afc_band
INNER JOIN ref_days AS of_year_day ON of_year.census_date = of_year_day.day
WHERE
    now.leavers_wte_12m IS NOT NULL
    AND of_year_day.day_number BETWEEN now_day.day_number - 366 AND now_day.day_number
GROUP BY now.post_id, now.census_date, now.leavers_wte_12m
