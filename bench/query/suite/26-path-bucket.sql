-- group: eventJson paths
-- title: calls by bucket, as a path into the record
SELECT json_extract_scalar(eventJson, '$.requestParameters.bucketName') AS bucket, count(*) AS calls
FROM events
GROUP BY 1
-- duckdb
SELECT json_extract_string(requestParameters, '$.bucketName') AS bucket, count(*) AS calls
FROM events
GROUP BY 1
-- clickhouse
SELECT JSONExtract(requestparameters, 'bucketName', 'Nullable(String)') AS bucket, count() AS calls
FROM events
GROUP BY 1
