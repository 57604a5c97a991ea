-- name: kms-key-deletion
-- title: Keys scheduled for deletion or disabled
-- description: KMS keys that were scheduled for deletion, disabled, deleted, or that lost their
--   imported material, and the calls that undo it. What a key encrypted is gone with it, for good,
--   after 7 to 30 days: this is the one list of this catalogue with a deadline. A disabled key stops
--   databases and volumes at once.
-- severity: high
-- technique: T1485, T1486
-- apis: ScheduleKeyDeletion, DisableKey, DeleteKey, DeleteImportedKeyMaterial, CancelKeyDeletion,
--   EnableKey
-- false-positives: Torn-down test environments. A later CancelKeyDeletion or EnableKey for the
--   same key settles it.
-- next: If it was not meant: aws kms cancel-key-deletion and enable-key, now. Then ask the actor,
--   and look for other destructive calls in principal-timeline.
-- tags: changes, kms, impact
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(element_at(requestParameters, 'keyId'), element_at(serviceEventDetails, 'keyId')) AS kms_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'kms.amazonaws.com'
    AND eventName IN ('ScheduleKeyDeletion', 'DisableKey', 'DeleteKey', 'DeleteImportedKeyMaterial',
      'CancelKeyDeletion', 'EnableKey')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  eventName AS event_name,
  kms_key,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM changed
ORDER BY event_time DESC, event_id
