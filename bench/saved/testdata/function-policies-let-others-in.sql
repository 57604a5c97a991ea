SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.functionName'), json_extract_string(requestParameters, '$.layerName')) AS function_name,
  json_extract_string(requestParameters, '$.principal') AS let_in,
  json_extract_string(requestParameters, '$.action') AS action,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'AddPermission%' OR eventName LIKE 'AddLayerVersionPermission%')
  AND (json_extract_string(requestParameters, '$.principal') = '*'
    OR (regexp_matches(json_extract_string(requestParameters, '$.principal'), '^(arn:aws[a-z-]*:(iam|sts)::)?[0-9]{12}(:|$)')
      AND strpos(json_extract_string(requestParameters, '$.principal'), recipientAccountId) = 0
      AND regexp_extract(json_extract_string(requestParameters, '$.principal'), '[0-9]{12}') NOT IN (:known_accounts)))
ORDER BY event_time DESC, event_id
