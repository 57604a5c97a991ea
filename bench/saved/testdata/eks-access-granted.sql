SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.clusterName')) AS cluster,
  json_extract_string(requestParameters, '$.principalArn') AS let_in,
  coalesce(json_extract_string(requestParameters, '$.policyArn'), json_extract_string(requestParameters, '$.kubernetesGroups')) AS granted,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'eks.amazonaws.com'
  AND eventName IN ('CreateAccessEntry', 'UpdateAccessEntry', 'AssociateAccessPolicy')
ORDER BY event_time DESC, event_id
