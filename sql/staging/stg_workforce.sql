-- One row a census date, site, role and band, as the newest submission that holds it tells it.
SELECT * EXCLUDE (place)
FROM ranked_workforce
WHERE place = 1
