-- name: alarms-disabled
-- title: CloudWatch alarms deleted or silenced
-- description: Who deleted alarms, switched their actions off, or set an alarm's state by hand.
--   Alarms on the metric filters of CloudTrail are what the CIS benchmark asks for, and the first
--   thing to be silenced. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.001
-- apis: DeleteAlarms, DisableAlarmActions, SetAlarmState
-- false-positives: Deployments; tests of alarms with SetAlarmState.
-- next: Which alarms (alarms)? Those on security belong back at once.
-- tags: logging, cloudwatch, defense-evasion, cis
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
  coalesce(element_at(requestParameters, 'alarmNames'), element_at(requestParameters, 'alarmName')) AS alarms,
  element_at(requestParameters, 'stateValue') AS state,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'monitoring.amazonaws.com'
  AND eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'SetAlarmState')
ORDER BY event_time DESC, event_id
