-- One row an accepted request and a stage of its path that it has entered: calendar days in it, so far if it is open.
-- A stage is open while neither its end nor anything later is recorded and the request is not visible in the record.
-- Left out: a stage whose first day, or whose last although later days are known, was not recorded, or out of order.
-- Which stage a pause fell into is not known, so pauses are not taken off.
WITH path AS (
    SELECT
        mart_turnaround.request_id,
        mart_turnaround.person_id,
        mart_turnaround.judged_on,
        mart_clock.collected_date,
        mart_clock.dispatched_date,
        mart_clock.received_date,
        mart_clock.dna_extracted_date,
        mart_clock.sequenced_date,
        mart_clock.analysed_date,
        mart_clock.authorised_date,
        mart_clock.report_date,
        mart_clock.report_visible_date
    FROM mart_turnaround
    INNER JOIN mart_clock ON mart_turnaround.request_id = mart_clock.request_id
),

stages AS (
    SELECT
        path.request_id,
        path.person_id,
        path.judged_on,
        ref_code_lists.code AS stage,
        CASE ref_code_lists.code
            WHEN 'collection' THEN path.collected_date
            WHEN 'transport' THEN path.dispatched_date
            WHEN 'extraction' THEN path.received_date
            WHEN 'sequencing' THEN path.dna_extracted_date
            WHEN 'analysis' THEN path.sequenced_date
            WHEN 'authorisation' THEN path.analysed_date
            WHEN 'reporting' THEN path.authorised_date
            WHEN 'visible' THEN path.report_date
        END AS start_date,
        CASE ref_code_lists.code
            WHEN 'collection' THEN path.dispatched_date
            WHEN 'transport' THEN path.received_date
            WHEN 'extraction' THEN path.dna_extracted_date
            WHEN 'sequencing' THEN path.sequenced_date
            WHEN 'analysis' THEN path.analysed_date
            WHEN 'authorisation' THEN path.authorised_date
            WHEN 'reporting' THEN path.report_date
            WHEN 'visible' THEN path.report_visible_date
        END AS end_date,
        CASE ref_code_lists.code
            WHEN 'collection' THEN path.received_date
            WHEN 'transport' THEN path.received_date
            WHEN 'extraction'
                THEN coalesce(path.sequenced_date, path.analysed_date, path.authorised_date, path.report_date)
            WHEN 'sequencing' THEN coalesce(path.analysed_date, path.authorised_date, path.report_date)
            WHEN 'analysis' THEN coalesce(path.authorised_date, path.report_date)
            WHEN 'authorisation' THEN path.report_date
        END AS later_date
    FROM path
    CROSS JOIN ref_code_lists
    WHERE ref_code_lists.list_name = 'stages'
)

SELECT
    stages.request_id || '@' || stages.stage AS stage_id,
    stages.request_id,
    stages.person_id,
    stages.stage,
    mart_requests.received_date,
    mart_requests.performing_lab,
    mart_requests.turnaround_category,
    date_diff('day', stages.start_date, coalesce(stages.end_date, stages.judged_on)) AS days,
    stages.end_date IS NOT NULL AS is_over
FROM stages
INNER JOIN mart_requests ON stages.request_id = mart_requests.request_id
WHERE
    stages.start_date <= coalesce(stages.end_date, stages.judged_on)
    AND (stages.end_date IS NOT NULL OR stages.later_date IS NULL)
