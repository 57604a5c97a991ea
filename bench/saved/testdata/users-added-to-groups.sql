SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.userName') AS user_name,
  json_extract_string(requestParameters, '$.groupName') AS group_name,
  CASE WHEN json_extract_string(requestParameters, '$.userName') = userIdentity.userName THEN 'yes' ELSE 'no' END AS by_itself,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'AddUserToGroup'
ORDER BY event_time DESC, event_id
