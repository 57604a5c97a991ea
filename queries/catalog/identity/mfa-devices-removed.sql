-- name: mfa-devices-removed
-- title: MFA devices switched off or deleted
-- description: Who deactivated or deleted an MFA device, and whose. Without it a password is
--   enough; taking it away is a step before using a stolen one. Rows with an error are attempts.
-- severity: high
-- technique: T1556.006
-- apis: DeactivateMFADevice, DeleteVirtualMFADevice
-- false-positives: Lost and replaced phones: a new device follows within minutes
--   (mfa-devices-added).
-- next: Ask the user, by another way than mail. If they know nothing, disable the password and the
--   keys.
-- tags: identity, mfa, defense-evasion, cis
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
  element_at(requestParameters, 'userName') AS user_name,
  element_at(requestParameters, 'serialNumber') AS serial_number,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
ORDER BY event_time DESC, event_id
