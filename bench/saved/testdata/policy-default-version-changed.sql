SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.policyArn') AS policy_arn,
  coalesce(json_extract_string(requestParameters, '$.versionId'), json_extract_string(responseElements, '$.policyVersion.versionId')) AS version,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND (eventName = 'SetDefaultPolicyVersion'
    OR (eventName = 'CreatePolicyVersion' AND json_extract_string(requestParameters, '$.setAsDefault') = 'true'))
ORDER BY event_time DESC, event_id
