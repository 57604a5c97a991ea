-- name: ecs-commands-executed
-- title: Commands in running containers
-- description: Who opened a shell, or ran a command, in a container of ECS. The command has the
--   rights of the task's role and sees its secrets. What was typed is not in CloudTrail, but in
--   the session log, where that is switched on. Rows with an error are attempts.
-- severity: medium
-- technique: T1651, T1609
-- apis: ExecuteCommand
-- false-positives: Developers who look for a fault in a container.
-- next: Ask the actor. Find what the task's role did after that: role-sessions. Without a need,
--   set enableExecuteCommand to false.
-- tags: containers, ecs, execution
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
  element_at(requestParameters, 'cluster') AS cluster,
  element_at(requestParameters, 'task') AS task,
  element_at(requestParameters, 'container') AS container,
  element_at(requestParameters, 'command') AS command,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ecs.amazonaws.com'
  AND eventName = 'ExecuteCommand'
ORDER BY event_time DESC, event_id
