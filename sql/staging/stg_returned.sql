-- One row a row that only the whole of what was sent shows to be wrong: it goes back to its submitter.
-- orphan_key: its request is in no accepted testing extract. sent_twice: another submission holds the same key.
WITH orphans AS (
    SELECT
        ranked_turnaround.submission_id,
        ranked_turnaround.source_row,
        ranked_turnaround.request_id
    FROM ranked_turnaround
    LEFT JOIN stg_testing ON ranked_turnaround.request_id = stg_testing.request_id
    WHERE stg_testing.request_id IS NULL
    UNION ALL
    SELECT
        ranked_outcomes.submission_id,
        ranked_outcomes.source_row,
        ranked_outcomes.request_id
    FROM ranked_outcomes
    LEFT JOIN stg_testing ON ranked_outcomes.request_id = stg_testing.request_id
    WHERE stg_testing.request_id IS NULL
),

older AS (
    SELECT
        submission_id,
        source_row,
        request_id
    FROM ranked_testing
    WHERE place > 1
    UNION ALL
    SELECT
        submission_id,
        source_row,
        request_id
    FROM ranked_turnaround
    WHERE place > 1
    UNION ALL
    SELECT
        submission_id,
        source_row,
        request_id
    FROM ranked_outcomes
    WHERE place > 1
),

elsewhere AS (
    SELECT
        submission_id,
        source_row
    FROM ranked_workforce
    WHERE place > 1
    UNION ALL
    SELECT
        submission_id,
        source_row
    FROM ranked_programme
    WHERE place > 1
)

SELECT
    submission_id,
    source_row,
    'orphan_key' AS reason
FROM orphans
UNION ALL
SELECT
    older.submission_id,
    older.source_row,
    'sent_twice' AS reason
FROM older
LEFT JOIN orphans ON older.submission_id = orphans.submission_id AND older.source_row = orphans.source_row
WHERE orphans.submission_id IS NULL
UNION ALL
SELECT
    submission_id,
    source_row,
    'sent_twice' AS reason
FROM elsewhere
