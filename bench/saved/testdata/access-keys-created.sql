WITH made AS (
  SELECT DISTINCT eventTime, recipientAccountId, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    userIdentity.userName AS own_name,
    coalesce(json_extract_string(requestparameters, '$.userName'),
      json_extract_string(responseElements, '$.accessKey.userName'), userIdentity.userName) AS for_user,
    json_extract_string(responseElements, '$.accessKey.accessKeyId') AS new_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'iam.amazonaws.com'
    AND eventName = 'CreateAccessKey'
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  actor,
  for_user,
  CASE WHEN for_user IS NULL THEN 'unknown' WHEN for_user = own_name THEN 'no' ELSE 'yes' END AS for_somebody_else,
  new_key,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM made
ORDER BY event_time DESC, event_id
