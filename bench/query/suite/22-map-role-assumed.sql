-- group: map lookups
-- title: who assumed a role
SELECT eventTime, userIdentity.arn AS caller, element_at(requestParameters, 'roleSessionName') AS session, sourceIPAddress
FROM events
WHERE element_at(requestParameters, 'roleArn') = :role
-- duckdb
SELECT eventTime, userIdentity.arn AS caller, json_extract_string(requestParameters, '$.roleSessionName') AS session, sourceIPAddress
FROM events
WHERE json_extract_string(requestParameters, '$.roleArn') = :role
