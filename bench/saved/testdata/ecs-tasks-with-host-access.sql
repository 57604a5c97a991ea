SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.family') AS family,
  regexp_matches(json_extract_string(requestParameters, '$.containerDefinitions'), '"privileged":true') AS privileged,
  json_extract_string(requestParameters, '$.networkMode') AS network_mode,
  json_extract_string(requestParameters, '$.pidMode') AS pid_mode,
  array_to_string(regexp_extract_all(json_extract_string(requestParameters, '$.volumes'), '"sourcePath":"([^"]*)"', 1), ', ') AS host_folders,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ecs.amazonaws.com'
  AND eventName = 'RegisterTaskDefinition'
  AND (regexp_matches(json_extract_string(requestParameters, '$.containerDefinitions'), '"privileged":true')
    OR json_extract_string(requestParameters, '$.networkMode') = 'host'
    OR json_extract_string(requestParameters, '$.pidMode') = 'host'
    OR regexp_matches(json_extract_string(requestParameters, '$.volumes'), '"sourcePath":"[^"]'))
ORDER BY event_time DESC, event_id
