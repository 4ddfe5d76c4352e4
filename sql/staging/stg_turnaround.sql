-- One row a request of the turnaround extract whose request is known, as its newest extract tells it.
SELECT ranked_turnaround.* EXCLUDE (place)
FROM ranked_turnaround
INNER JOIN stg_testing ON ranked_turnaround.request_id = stg_testing.request_id
WHERE ranked_turnaround.place = 1
