SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  CASE WHEN userIdentity.accessKeyId = :key THEN 'used'
    WHEN json_extract_string(requestParameters, '$.accessKeyId') = :key THEN 'named'
    ELSE 'issued' END AS relation,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (userIdentity.accessKeyId = :key
    OR json_extract_string(requestParameters, '$.accessKeyId') = :key
    OR json_extract_string(responseElements, '$.accessKey.accessKeyId') = :key
    OR json_extract_string(responseElements, '$.credentials.accessKeyId') = :key)
ORDER BY event_time DESC, event_id
LIMIT :limit
