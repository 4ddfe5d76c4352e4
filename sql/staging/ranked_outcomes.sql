-- One row a row of the outcomes extracts in use, numbered within its key: the newest extract of a key comes first.
-- Source: the lake's typed Parquet. A key sent by two submissions is one request; the older row is returned.
SELECT
    *,
    row_number() OVER (PARTITION BY request_id ORDER BY extracted_on DESC, submission_id DESC) AS place
FROM lake_outcomes
