-- One row a row of the programme extracts in use, numbered within item and report; the national report comes first.
SELECT
    *,
    row_number() OVER (
        PARTITION BY item_id, as_at
        ORDER BY CASE WHEN submission_id LIKE 'programme__SGV__%' THEN 0 ELSE 1 END, submission_id DESC
    ) AS place
FROM lake_programme
