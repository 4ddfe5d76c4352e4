-- One row a request received, as its newest extract tells it.
SELECT * EXCLUDE (place)
FROM ranked_testing
WHERE place = 1
