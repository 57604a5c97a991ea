SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.userName') AS user_name,
  CASE WHEN json_extract_string(requestParameters, '$.userName') = userIdentity.userName THEN 'no'
    WHEN json_extract_string(requestParameters, '$.userName') IS NULL THEN 'unknown' ELSE 'yes' END AS for_somebody_else,
  json_extract_string(requestParameters, '$.passwordResetRequired') AS must_change,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile')
ORDER BY event_time DESC, event_id
