SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.analyzerName'), json_extract_string(requestParameters, '$.analyzerArn')) AS analyzer,
  json_extract_string(requestParameters, '$.ruleName') AS rule_name,
  json_extract_string(requestParameters, '$.status') AS status,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'access-analyzer.amazonaws.com'
  AND (eventName IN ('DeleteAnalyzer', 'CreateArchiveRule', 'UpdateArchiveRule', 'ApplyArchiveRule')
    OR (eventName = 'UpdateFindings' AND json_extract_string(requestParameters, '$.status') = 'ARCHIVED'))
ORDER BY event_time DESC, event_id
