SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.userName'), json_extract_string(requestParameters, '$.groupName'), json_extract_string(requestParameters, '$.roleName')) AS target,
  json_extract_string(requestParameters, '$.policyArn') AS policy_arn,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('AttachUserPolicy', 'AttachGroupPolicy', 'AttachRolePolicy')
  AND json_extract_string(requestParameters, '$.policyArn') LIKE 'arn:%:iam::aws:policy/%'
  AND split_part(json_extract_string(requestParameters, '$.policyArn'), '/', -1) IN (:policies)
ORDER BY event_time DESC, event_id
