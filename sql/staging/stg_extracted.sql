-- One row a submitter: the newest day on which it took an extract, which is the day its open requests are judged on.
WITH extracted AS (
    SELECT
        receiving_lab AS submitter,
        extracted_on
    FROM stg_testing
    UNION ALL
    SELECT
        stg_testing.receiving_lab AS submitter,
        stg_turnaround.extracted_on
    FROM stg_turnaround
    INNER JOIN stg_testing ON stg_turnaround.request_id = stg_testing.request_id
)

SELECT
    submitter,
    max(extracted_on) AS judged_on
FROM extracted
GROUP BY submitter
