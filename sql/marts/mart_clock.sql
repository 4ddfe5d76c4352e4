-- One row a request of the turnaround extract: the standard in force at receipt, and when its clock started.
-- The standard names the event that starts the clock; while that event is not recorded, receipt stands in for it.
WITH judged AS (
    SELECT
        stg_turnaround.*,
        stg_testing.person_id,
        coalesce(stg_testing.performing_lab, stg_testing.receiving_lab) AS working_lab,
        stg_testing.receiving_lab,
        stg_testing.request_status,
        stg_extracted.judged_on
    FROM stg_turnaround
    INNER JOIN stg_testing ON stg_turnaround.request_id = stg_testing.request_id
    INNER JOIN stg_extracted ON stg_testing.receiving_lab = stg_extracted.submitter
)

SELECT
    judged.*,
    ref_turnaround_standards.version AS standard_version,
    ref_turnaround_standards.turnaround_category,
    ref_turnaround_standards.target_days,
    ref_turnaround_standards.day_type,
    ref_turnaround_standards.jurisdiction,
    ref_turnaround_standards.clock_start_event AS standard_event,
    coalesce(working_board.host_board, receiving_board.host_board) AS calendar_board,
    CASE ref_turnaround_standards.clock_start_event
        WHEN 'collected' THEN coalesce(judged.collected_date, judged.received_date)
        WHEN 'dna_extracted' THEN coalesce(judged.dna_extracted_date, judged.received_date)
        ELSE judged.received_date
    END AS clock_start
FROM judged
LEFT JOIN ref_turnaround_standards
    ON
        judged.standard_code = ref_turnaround_standards.code
        AND judged.received_date >= ref_turnaround_standards.valid_from
        AND (judged.received_date < ref_turnaround_standards.valid_to OR ref_turnaround_standards.valid_to IS NULL)
LEFT JOIN ref_laboratories AS working_board ON judged.working_lab = working_board.code
LEFT JOIN ref_laboratories AS receiving_board ON judged.receiving_lab = receiving_board.code
