-- name: event-rules-disabled
-- title: EventBridge rules disabled or deleted
-- description: Who disabled or deleted a rule of EventBridge or took its targets away. Alerts,
--   automatic answers to incidents and the forwarding of events to the security account hang on
--   such rules. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.001
-- apis: DisableRule, DeleteRule, RemoveTargets, PutRule, DeleteEventBus, DeleteArchive
-- false-positives: Deployments, which replace rules; a stack that is deleted.
-- next: Which rule was it, and where did it lead? Rules of the security team belong back at once
--   (aws events enable-rule).
-- tags: logging, eventbridge, defense-evasion
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
  coalesce(element_at(requestParameters, 'rule'), element_at(requestParameters, 'name'), element_at(requestParameters, 'archiveName')) AS rule_name,
  element_at(requestParameters, 'ids') AS targets,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'events.amazonaws.com'
  AND (eventName IN ('DisableRule', 'DeleteRule', 'RemoveTargets', 'DeleteEventBus', 'DeleteArchive')
    OR (eventName = 'PutRule' AND element_at(requestParameters, 'state') = 'DISABLED'))
ORDER BY event_time DESC, event_id
