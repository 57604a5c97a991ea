-- group: map lookups
-- title: calls by bucket
SELECT element_at(requestParameters, 'bucketName') AS bucket, eventName, count(*) AS calls
FROM events
WHERE eventSource = 's3.amazonaws.com'
GROUP BY 1, 2
-- duckdb
SELECT json_extract_string(requestParameters, '$.bucketName') AS bucket, eventName, count(*) AS calls
FROM events
WHERE eventSource = 's3.amazonaws.com'
GROUP BY 1, 2
-- clickhouse
SELECT JSONExtract(requestparameters, 'bucketName', 'Nullable(String)') AS bucket, eventname, count() AS calls
FROM events
WHERE eventsource = 's3.amazonaws.com'
GROUP BY 1, 2
