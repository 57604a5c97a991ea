-- name: roles-anywhere-changed
-- title: Certificates that may assume roles
-- description: Changes to IAM Roles Anywhere: trust anchors (whose certificates count) and profiles
--   (which roles they get). A trust anchor with an intruder's certificate is a way in from anywhere
--   that needs no key and no password. Rows with an error are attempts.
-- severity: high
-- technique: T1098.001
-- apis: CreateTrustAnchor, UpdateTrustAnchor, EnableTrustAnchor, DeleteTrustAnchor, CreateProfile,
--   UpdateProfile, EnableProfile, DeleteProfile, ImportCrl, DisableCrl, DeleteCrl
-- false-positives: Set-up of servers outside of AWS by your own infrastructure code.
-- next: Who has the key of the certificate authority? If nobody knows, disable the trust anchor
--   (aws rolesanywhere disable-trust-anchor) and look for CreateSession in principal-timeline of
--   the profile's roles.
-- tags: identity, federation, persistence
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
  coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'trustAnchorId'), element_at(requestParameters, 'profileId'),
    element_at(requestParameters, 'crlId')) AS object_name,
  element_at(requestParameters, 'roleArns') AS role_arns,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'rolesanywhere.amazonaws.com'
  AND eventName IN ('CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'DeleteTrustAnchor', 'CreateProfile',
      'UpdateProfile', 'EnableProfile', 'DeleteProfile', 'ImportCrl', 'DisableCrl', 'DeleteCrl')
ORDER BY event_time DESC, event_id
