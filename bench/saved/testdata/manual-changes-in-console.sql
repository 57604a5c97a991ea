SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sessionCredentialFromConsole = 'true'
  AND NOT readOnly
  AND managementEvent IS DISTINCT FROM false
  AND errorCode IS NULL
ORDER BY event_time DESC, event_id
LIMIT :limit
