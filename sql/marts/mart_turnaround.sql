-- One row an accepted request: its standard, when it was due, and how long it took or has taken so far.
-- Days used are counted in the unit of the standard and net of paused days; gross days stand beside them.
-- Cancelled, rejected and duplicate requests are left out, as in every measure of turnaround.
WITH ended AS (
    SELECT
        *,
        coalesce(paused_days, 0) AS paused,
        coalesce(report_date, judged_on) AS clock_end
    FROM mart_clock
    WHERE request_status NOT IN ('cancelled', 'rejected', 'duplicate')
),

counted AS (
    SELECT
        ended.*,
        start_day.working_day_index AS start_index,
        start_day.day_number AS start_number,
        end_day.day_number - start_day.day_number AS gross_days,
        end_day.working_day_index - start_day.working_day_index AS gross_working_days
    FROM ended
    INNER JOIN mart_working_days AS start_day
        ON ended.calendar_board = start_day.board_code AND ended.clock_start = start_day.day
    INNER JOIN mart_working_days AS end_day
        ON ended.calendar_board = end_day.board_code AND ended.clock_end = end_day.day
),

due AS (
    SELECT
        board_code,
        working_day_index,
        min(day) AS day
    FROM mart_working_days
    GROUP BY board_code, working_day_index
)

SELECT
    counted.request_id,
    counted.submission_id,
    counted.person_id,
    counted.receiving_lab,
    counted.extracted_on,
    counted.judged_on,
    counted.received_date,
    counted.clock_start,
    counted.report_date,
    counted.standard_code,
    counted.standard_version,
    counted.turnaround_category,
    counted.target_days,
    counted.day_type,
    counted.jurisdiction,
    counted.paused,
    counted.gross_days,
    counted.gross_working_days,
    greatest(counted.gross_days - CASE counted.day_type WHEN 'working' THEN 0 ELSE counted.paused END, 0) AS net_days,
    greatest(
        CASE counted.day_type WHEN 'working' THEN counted.gross_working_days ELSE counted.gross_days END
        - counted.paused, 0
    ) AS days_used,
    CASE counted.day_type WHEN 'working' THEN working_due.day ELSE calendar_due.day END AS due_date,
    counted.report_date IS NOT NULL AS is_reported
FROM counted
LEFT JOIN ref_days AS calendar_due
    ON counted.start_number + counted.target_days + counted.paused = calendar_due.day_number
LEFT JOIN due AS working_due
    ON
        counted.calendar_board = working_due.board_code
        AND counted.start_index + counted.target_days + counted.paused = working_due.working_day_index
