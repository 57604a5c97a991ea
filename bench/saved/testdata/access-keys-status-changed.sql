SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.userName'), userIdentity.userName) AS user_name,
  json_extract_string(requestParameters, '$.accessKeyId') AS access_key,
  CASE WHEN eventName = 'DeleteAccessKey' THEN 'Deleted' ELSE json_extract_string(requestParameters, '$.status') END AS new_status,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('UpdateAccessKey', 'DeleteAccessKey')
ORDER BY event_time DESC, event_id
