WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(json_extract_string(requestparameters, '$.keyId'), json_extract_string(serviceeventdetails, '$.keyId')) AS kms_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'kms.amazonaws.com'
    AND eventName IN ('ScheduleKeyDeletion', 'DisableKey', 'DeleteKey', 'DeleteImportedKeyMaterial',
      'CancelKeyDeletion', 'EnableKey')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  eventName AS event_name,
  kms_key,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM changed
ORDER BY event_time DESC, event_id
