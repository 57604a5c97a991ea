SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.sAMLProviderArn'), json_extract_string(requestParameters, '$.openIDConnectProviderArn'),
    json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.url')) AS provider,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'CreateOpenIDConnectProvider',
      'DeleteOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint',
      'AddClientIDToOpenIDConnectProvider', 'RemoveClientIDFromOpenIDConnectProvider')
ORDER BY event_time DESC, event_id
