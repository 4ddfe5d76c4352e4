-- One row an urgent or rapid sequencing request for a newborn or acutely unwell child that is 14 days old or reported.
-- Calendar days from clock start, less paused days; one that is not reported by its fourteenth day is a miss.
SELECT
    mart_requests.request_id AS unit_id,
    mart_requests.person_id,
    fourteenth_day.day AS period_date,
    CASE WHEN mart_turnaround.is_reported AND mart_turnaround.net_days <= 14 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
INNER JOIN mart_turnaround ON mart_requests.request_id = mart_turnaround.request_id
INNER JOIN ref_days AS received_day ON mart_turnaround.clock_start = received_day.day
INNER JOIN ref_days AS fourteenth_day
    ON
        received_day.day_number + 14
        + CASE mart_turnaround.day_type WHEN 'working' THEN 0 ELSE mart_turnaround.paused END
        = fourteenth_day.day_number
WHERE
    mart_requests.priority IN ('urgent', 'rapid')
    AND mart_requests.pathway IN ('neonatal', 'paediatric_acute')
    AND mart_requests.technology IN ('large_panel', 'clinical_exome', 'trio_wes', 'wgs')
    AND fourteenth_day.day < mart_turnaround.judged_on
