SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  json_extract_string(requestParameters, '$.VersioningConfiguration.Status') AS status,
  json_extract_string(requestParameters, '$.VersioningConfiguration.MfaDelete') AS mfa_delete,
  json_extract_string(requestParameters, '$.key') AS object_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND ((eventName = 'PutBucketVersioning'
      AND (json_extract_string(requestParameters, '$.VersioningConfiguration.Status') = 'Suspended'
        OR json_extract_string(requestParameters, '$.VersioningConfiguration.MfaDelete') = 'Disabled'))
    OR eventName IN ('PutObjectLockConfiguration', 'PutBucketObjectLockConfiguration')
    OR (eventName IN ('DeleteObject', 'PutObjectRetention')
      AND json_extract_string(requestParameters, '$."x-amz-bypass-governance-retention"') = 'true'))
ORDER BY event_time DESC, event_id
