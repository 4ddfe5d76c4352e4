-- One row an accepted request whose standard is in force at the record's end: judged by the version that is valid then.
-- Source: reference/turnaround_standards.csv. Nothing here is the figure of its time: it shows what a change of
-- standard makes of history, and is marked so wherever it stands.
WITH record_end AS (
    SELECT max(period_end) AS day FROM ref_periods
),

todays AS (
    SELECT
        ref_turnaround_standards.code,
        ref_turnaround_standards.version,
        ref_turnaround_standards.target_days,
        ref_turnaround_standards.day_type,
        ref_turnaround_standards.clock_start_event
    FROM ref_turnaround_standards
    CROSS JOIN record_end
    WHERE
        ref_turnaround_standards.valid_from <= record_end.day
        AND (ref_turnaround_standards.valid_to > record_end.day OR ref_turnaround_standards.valid_to IS NULL)
),

started AS (
    SELECT
        mart_turnaround.request_id,
        mart_turnaround.person_id,
        mart_turnaround.judged_on,
        mart_turnaround.is_reported,
        mart_turnaround.paused,
        mart_clock.calendar_board,
        todays.version AS standard_version,
        todays.target_days,
        todays.day_type,
        coalesce(mart_turnaround.report_date, mart_turnaround.judged_on) AS clock_end,
        CASE todays.clock_start_event
            WHEN 'collected' THEN coalesce(mart_clock.collected_date, mart_clock.received_date)
            WHEN 'dna_extracted' THEN coalesce(mart_clock.dna_extracted_date, mart_clock.received_date)
            ELSE mart_clock.received_date
        END AS clock_start
    FROM mart_turnaround
    INNER JOIN mart_clock ON mart_turnaround.request_id = mart_clock.request_id
    INNER JOIN todays ON mart_turnaround.standard_code = todays.code
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
    started.request_id,
    started.person_id,
    started.judged_on,
    started.is_reported,
    started.standard_version,
    started.target_days,
    greatest(
        CASE started.day_type
            WHEN 'working' THEN end_day.working_day_index - start_day.working_day_index
            ELSE end_day.day_number - start_day.day_number
        END - started.paused, 0
    ) AS days_used,
    CASE started.day_type WHEN 'working' THEN working_due.day ELSE calendar_due.day END AS due_date
FROM started
INNER JOIN mart_working_days AS start_day
    ON started.calendar_board = start_day.board_code AND started.clock_start = start_day.day
INNER JOIN mart_working_days AS end_day
    ON started.calendar_board = end_day.board_code AND started.clock_end = end_day.day
LEFT JOIN ref_days AS calendar_due
    ON start_day.day_number + started.target_days + started.paused = calendar_due.day_number
LEFT JOIN due AS working_due
    ON
        started.calendar_board = working_due.board_code
        AND start_day.working_day_index + started.target_days + started.paused = working_due.working_day_index
