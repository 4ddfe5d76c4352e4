-- One row an item of the strategy's delivery and report: items are reported again month by month.
SELECT *
FROM lake_programme
QUALIFY row_number() OVER (PARTITION BY item_id, as_at ORDER BY submission_id DESC) = 1
