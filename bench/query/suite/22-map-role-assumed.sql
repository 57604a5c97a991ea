-- group: map lookups
-- title: who assumed a role
SELECT eventTime, userIdentity.arn AS caller, element_at(requestParameters, 'roleSessionName') AS session, sourceIPAddress
FROM events
WHERE element_at(requestParameters, 'roleArn') = :role
-- duckdb
SELECT eventTime, userIdentity.arn AS caller, json_extract_string(requestParameters, '$.roleSessionName') AS session, sourceIPAddress
FROM events
WHERE json_extract_string(requestParameters, '$.roleArn') = :role
-- clickhouse
SELECT eventtime, useridentity.arn AS caller, JSONExtract(requestparameters, 'roleSessionName', 'Nullable(String)') AS session, sourceipaddress
FROM events
WHERE JSONExtract(requestparameters, 'roleArn', 'Nullable(String)') = :role
