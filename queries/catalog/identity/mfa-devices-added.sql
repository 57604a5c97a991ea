-- name: mfa-devices-added
-- title: MFA devices added
-- description: Who gave a user an MFA device, and whom. A user may have eight; an intruder adds one
--   of theirs and passes every test for MFA from then on. for_somebody_else is yes when the device
--   is not the caller's own. Rows with an error are attempts.
-- severity: medium
-- technique: T1098.005
-- apis: EnableMFADevice
-- false-positives: New phones, new colleagues.
-- next: For a device for somebody else, or from a strange address, ask the user. Remove it with aws
--   iam deactivate-mfa-device.
-- tags: identity, mfa, persistence
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
  element_at(requestParameters, 'userName') AS user_name,
  CASE WHEN element_at(requestParameters, 'userName') = userIdentity.userName THEN 'no'
    WHEN element_at(requestParameters, 'userName') IS NULL THEN 'unknown' ELSE 'yes' END AS for_somebody_else,
  element_at(requestParameters, 'serialNumber') AS serial_number,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'EnableMFADevice'
ORDER BY event_time DESC, event_id
