SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.snapshotIdentifier'), json_extract_string(requestParameters, '$.snapshotArn'), json_extract_string(requestParameters, '$.dataShareArn'), json_extract_string(requestParameters, '$.clusterIdentifier')) AS shared,
  coalesce(json_extract_string(requestParameters, '$.accountWithRestoreAccess'), json_extract_string(requestParameters, '$.consumerIdentifier'), json_extract_string(requestParameters, '$.account')) AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'redshift.amazonaws.com'
  AND eventName IN ('AuthorizeSnapshotAccess', 'AuthorizeDataShare', 'AuthorizeEndpointAccess')
  AND coalesce(json_extract_string(requestParameters, '$.accountWithRestoreAccess'), json_extract_string(requestParameters, '$.consumerIdentifier'), json_extract_string(requestParameters, '$.account'), 'unknown') NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
