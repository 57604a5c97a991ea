-- group: nested JSON
-- title: access keys that AssumeRole gave out, by role
SELECT element_at(requestParameters, 'roleArn') AS role, count(DISTINCT json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId')) AS issued
FROM events
WHERE eventName = 'AssumeRole'
GROUP BY 1
-- duckdb
SELECT json_extract_string(requestParameters, '$.roleArn') AS role, count(DISTINCT json_extract_string(responseElements, '$.credentials.accessKeyId')) AS issued
FROM events
WHERE eventName = 'AssumeRole'
GROUP BY 1
-- clickhouse
SELECT JSONExtract(requestparameters, 'roleArn', 'Nullable(String)') AS role, count(DISTINCT JSONExtract(responseelements, 'credentials', 'accessKeyId', 'Nullable(String)')) AS issued
FROM events
WHERE eventname = 'AssumeRole'
GROUP BY 1
