-- One row an approved proposal whose 180 days are over, as its newest report tells it: live by then, or not.
SELECT
    mart_programme.report_id AS unit_id,
    last_day.day AS period_date,
    CASE WHEN mart_programme.completed_date <= last_day.day THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_programme
INNER JOIN ref_days AS decision_day ON mart_programme.decision_date = decision_day.day
INNER JOIN ref_days AS last_day ON decision_day.day_number + 180 = last_day.day_number
WHERE
    mart_programme.item_type = 'test_proposal'
    AND mart_programme.decision = 'approved'
    AND mart_programme.is_newest
    AND last_day.day <= mart_programme.as_at
