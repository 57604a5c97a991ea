SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  coalesce(json_extract_string(requestParameters, '$.DeleteFlowLogsRequest.FlowLogId.content'),
    json_extract(requestParameters, '$.DeleteFlowLogsRequest.FlowLogId')::VARCHAR) AS flow_logs,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'DeleteFlowLogs'
ORDER BY event_time DESC, event_id
