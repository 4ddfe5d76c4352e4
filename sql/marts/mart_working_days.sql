-- One row a health board and day: whether its laboratories work, and how many working days there have been so far.
-- Turnaround in working days is the difference of two counts: days after the clock start, up to and including the end.
-- Source: reference/public_holidays.csv, editable by board.
WITH worked AS (
    SELECT
        ref_boards.code AS board_code,
        ref_days.day,
        ref_days.day_number,
        CASE WHEN ref_days.iso_weekday > 5 OR ref_public_holidays.date IS NOT NULL THEN 0 ELSE 1 END AS is_worked
    FROM ref_boards
    CROSS JOIN ref_days
    LEFT JOIN ref_public_holidays
        ON ref_boards.code = ref_public_holidays.board_code AND ref_days.day = ref_public_holidays.date
    WHERE ref_boards.is_territorial = 'yes'
)

SELECT
    board_code,
    day,
    day_number,
    is_worked,
    cast(sum(is_worked) OVER (PARTITION BY board_code ORDER BY day_number) AS BIGINT) AS working_day_index
FROM worked
