-- name: vpc-flow-logs-deleted
-- title: VPC flow logs deleted
-- description: Who deleted flow logs. They are the only record of which addresses spoke with which;
--   whoever is about to copy data out would rather not have them. Rows with an error are attempts.
-- severity: high
-- technique: T1562.008
-- apis: DeleteFlowLogs
-- false-positives: A VPC that is deleted along with its flow logs.
-- next: Make them again (aws ec2 create-flow-logs). flow_logs tells which; the VPC is in the event
--   that made them: resource-timeline.
-- tags: logging, vpc, defense-evasion
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  coalesce(json_extract_scalar(element_at(requestParameters, 'DeleteFlowLogsRequest'), '$.FlowLogId.content'),
    json_format(json_extract(element_at(requestParameters, 'DeleteFlowLogsRequest'), '$.FlowLogId'))) AS flow_logs,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'DeleteFlowLogs'
ORDER BY event_time DESC, event_id
