-- One row a site, band and census of bioinformatics and data roles: in post, of the establishment.
SELECT
    post_id AS unit_id,
    census_date AS period_date,
    in_post_wte AS numerator,
    establishment_wte AS denominator
FROM mart_workforce
WHERE role IN ('bioinformatician', 'data_scientist') AND in_post_wte IS NOT NULL AND establishment_wte > 0
