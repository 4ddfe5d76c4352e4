-- One row a request of the outcomes extract whose request is known, as its newest extract tells it.
SELECT ranked_outcomes.* EXCLUDE (place)
FROM ranked_outcomes
INNER JOIN stg_testing ON ranked_outcomes.request_id = stg_testing.request_id
WHERE ranked_outcomes.place = 1
