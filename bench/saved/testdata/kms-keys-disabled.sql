SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.keyId'), json_extract_string(requestParameters, '$.customKeyStoreId')) AS key_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'kms.amazonaws.com'
  AND eventName IN ('DisableKey', 'DeleteImportedKeyMaterial', 'DisableKeyRotation', 'DeleteCustomKeyStore',
      'DisconnectCustomKeyStore')
ORDER BY event_time DESC, event_id
