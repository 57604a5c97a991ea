-- name: kms-keys-disabled
-- title: KMS keys made unusable
-- description: Who disabled a key, deleted the material of an imported one, or stopped its
--   rotation. Data under a disabled key cannot be read: a way to stop a company that needs one
--   call. Planned deletions are in kms-key-deletion. Rows with an error are attempts.
-- severity: high
-- technique: T1485, T1486
-- apis: DisableKey, DeleteImportedKeyMaterial, DisableKeyRotation, DeleteCustomKeyStore,
--   DisconnectCustomKeyStore
-- false-positives: Keys that are retired step by step.
-- next: Enable the key again (aws kms enable-key). Imported material can be imported once more, if
--   you have it.
-- tags: keys, kms, impact, cis
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
  coalesce(element_at(requestParameters, 'keyId'), element_at(requestParameters, 'customKeyStoreId')) AS key_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'kms.amazonaws.com'
  AND eventName IN ('DisableKey', 'DeleteImportedKeyMaterial', 'DisableKeyRotation', 'DeleteCustomKeyStore',
      'DisconnectCustomKeyStore')
ORDER BY event_time DESC, event_id
