SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.targetId') AS target_account,
  json_extract_string(requestParameters, '$.permissionSetArn') AS permission_set,
  json_extract_string(requestParameters, '$.principalType') AS principal_type,
  json_extract_string(requestParameters, '$.principalId') AS principal_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sso.amazonaws.com'
  AND eventName IN ('CreateAccountAssignment', 'DeleteAccountAssignment')
ORDER BY event_time DESC, event_id
