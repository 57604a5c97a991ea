-- name: commands-run-on-instances
-- title: Commands run on machines through Systems Manager
-- description: Who ran commands on machines, or opened a shell on them, through Systems Manager.
--   Right of administration over every machine with the agent, past all firewalls. CloudTrail hides
--   the command itself. Rows with an error are attempts.
-- severity: medium
-- technique: T1651
-- apis: SendCommand, StartSession, StartAutomationExecution, CreateAssociation
-- false-positives: Patching and administration by your own roles; State Manager.
-- next: What ran is in the command's history for 30 days: aws ssm get-command-invocation. Then
--   watch the machine's role: principal-timeline.
-- tags: compute, ssm, execution
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
  eventName AS event_name,
  element_at(requestParameters, 'documentName') AS document,
  coalesce(element_at(requestParameters, 'instanceIds'), element_at(requestParameters, 'target'), element_at(requestParameters, 'targets'),
    element_at(requestParameters, 'instanceId')) AS instances,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ssm.amazonaws.com'
  AND eventName IN ('SendCommand', 'StartSession', 'StartAutomationExecution', 'CreateAssociation')
ORDER BY event_time DESC, event_id
