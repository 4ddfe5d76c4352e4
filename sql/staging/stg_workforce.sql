-- One row a census date, site, role and band, from the newest submission that holds it.
SELECT *
FROM lake_workforce
QUALIFY row_number() OVER (PARTITION BY census_date, site_code, role, afc_band ORDER BY submission_id DESC) = 1
