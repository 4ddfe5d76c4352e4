-- One row a request with a standard and a month's end at which it was still open, with its age that day.
-- History is read from the dates: open at a month's end means received by then and not yet reported.
-- Cancelled requests are left out of history too, as everywhere; a month is seen only once its submitter reports it.
WITH open_at AS (
    SELECT
        mart_turnaround.request_id,
        mart_turnaround.person_id,
        ref_days.day AS snapshot_date,
        mart_turnaround.due_date < ref_days.day AS is_overdue,
        date_diff('day', mart_turnaround.received_date, ref_days.day) AS open_days
    FROM mart_turnaround
    INNER JOIN ref_days
        ON
            mart_turnaround.received_date <= ref_days.day
            AND coalesce(mart_turnaround.report_date, mart_turnaround.judged_on) > ref_days.day
    WHERE ref_days.is_month_end AND mart_turnaround.due_date IS NOT NULL
)

SELECT
    open_at.request_id || '@' || cast(open_at.snapshot_date AS VARCHAR) AS open_request_id,
    open_at.request_id,
    open_at.person_id,
    open_at.snapshot_date,
    open_at.open_days,
    open_at.is_overdue,
    CASE
        WHEN open_at.open_days <= 14 THEN '0-14'
        WHEN open_at.open_days <= 28 THEN '15-28'
        WHEN open_at.open_days <= 42 THEN '29-42'
        ELSE '43+'
    END AS open_age,
    mart_requests.directory,
    mart_requests.technology,
    mart_requests.turnaround_category,
    mart_requests.requesting_board,
    mart_requests.residence_board,
    mart_requests.performing_lab
FROM open_at
INNER JOIN mart_requests ON open_at.request_id = mart_requests.request_id
