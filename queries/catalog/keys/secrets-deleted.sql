-- name: secrets-deleted
-- title: Secrets deleted
-- description: Who deleted a secret, and whether at once (no way back) or with a time to think.
--   Applications stop when their secret goes. Rows with an error are attempts.
-- severity: medium
-- technique: T1485
-- apis: DeleteSecret
-- false-positives: Clean-up by infrastructure code; test secrets.
-- next: A secret that was not deleted at once can be restored: aws secretsmanager restore-secret.
-- tags: keys, secrets, impact
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
  element_at(requestParameters, 'secretId') AS secret,
  CASE WHEN element_at(requestParameters, 'forceDeleteWithoutRecovery') = 'true' THEN 'yes' ELSE 'no' END AS at_once,
  element_at(requestParameters, 'recoveryWindowInDays') AS recovery_days,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND eventName = 'DeleteSecret'
ORDER BY event_time DESC, event_id
