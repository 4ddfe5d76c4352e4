-- One row an item of the strategy's delivery and report: items are reported again month by month.
SELECT * EXCLUDE (place)
FROM ranked_programme
WHERE place = 1
