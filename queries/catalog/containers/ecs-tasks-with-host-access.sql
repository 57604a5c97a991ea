-- name: ecs-tasks-with-host-access
-- title: Containers with the rights of their host
-- description: Task definitions of ECS that break the wall between a container and its host: a
--   privileged container, the host's network or processes, or a folder of the host mounted into
--   the container. Whoever is in such a container has the machine and the credentials of its
--   role. Rows with an error are attempts.
-- severity: medium
-- technique: T1611, T1610
-- apis: RegisterTaskDefinition
-- false-positives: Agents for monitoring and logging that must see the host. Definitions of long
--   ago come back with each new revision.
-- next: Compare the image with what you run. Deregister the definition and stop its tasks (aws
--   ecs list-tasks --family).
-- tags: containers, ecs, privilege-escalation
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
  element_at(requestParameters, 'family') AS family,
  regexp_like(element_at(requestParameters, 'containerDefinitions'), '"privileged":true') AS privileged,
  element_at(requestParameters, 'networkMode') AS network_mode,
  element_at(requestParameters, 'pidMode') AS pid_mode,
  array_join(regexp_extract_all(element_at(requestParameters, 'volumes'), '"sourcePath":"([^"]*)"', 1), ', ') AS host_folders,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ecs.amazonaws.com'
  AND eventName = 'RegisterTaskDefinition'
  AND (regexp_like(element_at(requestParameters, 'containerDefinitions'), '"privileged":true')
    OR element_at(requestParameters, 'networkMode') = 'host'
    OR element_at(requestParameters, 'pidMode') = 'host'
    OR regexp_like(element_at(requestParameters, 'volumes'), '"sourcePath":"[^"]'))
ORDER BY event_time DESC, event_id
