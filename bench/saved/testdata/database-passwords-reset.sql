SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.dBInstanceIdentifier'), json_extract_string(requestParameters, '$.dBClusterIdentifier'), json_extract_string(requestParameters, '$.clusterIdentifier')) AS database_name,
  json_extract_string(requestParameters, '$.dbUser') AS database_user,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource IN ('rds.amazonaws.com', 'redshift.amazonaws.com')
      AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster', 'ModifyCluster')
      AND json_extract_string(requestParameters, '$.masterUserPassword') IS NOT NULL)
    OR (eventSource = 'redshift.amazonaws.com' AND eventName IN ('GetClusterCredentials', 'GetClusterCredentialsWithIAM')))
ORDER BY event_time DESC, event_id
