SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.trustAnchorId'), json_extract_string(requestParameters, '$.profileId'),
    json_extract_string(requestParameters, '$.crlId')) AS object_name,
  json_extract_string(requestParameters, '$.roleArns') AS role_arns,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'rolesanywhere.amazonaws.com'
  AND eventName IN ('CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'DeleteTrustAnchor', 'CreateProfile',
      'UpdateProfile', 'EnableProfile', 'DeleteProfile', 'ImportCrl', 'DisableCrl', 'DeleteCrl')
ORDER BY event_time DESC, event_id
