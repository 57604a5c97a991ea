SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  eventSource AS event_source,
  eventName AS event_name,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa,
  CASE WHEN userIdentity.sessionContext.assumedRoot = 'true' THEN 'yes' ELSE 'no' END AS assumed_root,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND userIdentity.type = 'Root'
  AND userIdentity.invokedBy IS NULL
  AND coalesce(eventType, 'AwsApiCall') <> 'AwsServiceEvent'
ORDER BY event_time DESC, event_id
