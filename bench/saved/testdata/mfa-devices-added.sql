SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.userName') AS user_name,
  CASE WHEN json_extract_string(requestParameters, '$.userName') = userIdentity.userName THEN 'no'
    WHEN json_extract_string(requestParameters, '$.userName') IS NULL THEN 'unknown' ELSE 'yes' END AS for_somebody_else,
  json_extract_string(requestParameters, '$.serialNumber') AS serial_number,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'EnableMFADevice'
ORDER BY event_time DESC, event_id
