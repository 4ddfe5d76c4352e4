-- One row a proposal of a new test, as its newest report tells it: days to the decision, or so far without one.
SELECT
    mart_programme.report_id AS unit_id,
    mart_programme.submitted_date AS period_date,
    ended.day_number - submitted_day.day_number AS days,
    CASE WHEN mart_programme.decision_date IS NOT NULL THEN 1 ELSE 0 END AS is_event
FROM mart_programme
INNER JOIN ref_days AS submitted_day ON mart_programme.submitted_date = submitted_day.day
INNER JOIN ref_days AS ended ON coalesce(mart_programme.decision_date, mart_programme.as_at) = ended.day
WHERE mart_programme.item_type = 'test_proposal' AND mart_programme.is_newest AND mart_programme.status <> 'withdrawn'
