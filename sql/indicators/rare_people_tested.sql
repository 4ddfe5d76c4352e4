-- One row an accepted request of somebody who lives in Scotland:
-- germline tests of the rare directory on the routine pathway.
-- The machinery counts people once a period.
SELECT
    mart_requests.request_id AS unit_id,
    mart_requests.person_id,
    mart_requests.received_date AS period_date
FROM mart_requests
INNER JOIN ref_boards ON mart_requests.residence_board = ref_boards.code
WHERE
    mart_requests.is_accepted
    AND ref_boards.is_territorial = 'yes'
    AND mart_requests.directory = 'rare'
    AND mart_requests.origin = 'germline'
    AND mart_requests.pathway = 'routine'
