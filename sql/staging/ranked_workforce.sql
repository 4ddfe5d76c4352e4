-- One row a row of the workforce extracts in use, numbered within its key; the site's own submission comes first.
SELECT
    *,
    row_number() OVER (
        PARTITION BY census_date, site_code, role, afc_band
        ORDER BY
            CASE WHEN submission_id LIKE 'workforce__' || site_code || '__%' THEN 0 ELSE 1 END,
            submission_id DESC
    ) AS place
FROM lake_workforce
