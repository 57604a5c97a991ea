SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.minimumPasswordLength') AS min_length,
  json_extract_string(requestParameters, '$.maxPasswordAge') AS max_age,
  json_extract_string(requestParameters, '$.passwordReusePrevention') AS reuse_prevention,
  json_extract_string(requestParameters, '$.requireSymbols') AS symbols,
  json_extract_string(requestParameters, '$.requireNumbers') AS numbers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
ORDER BY event_time DESC, event_id
