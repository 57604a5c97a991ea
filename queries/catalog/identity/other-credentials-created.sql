-- name: other-credentials-created
-- title: Credentials of the less known kinds
-- description: Who gave a user credentials other than access keys: passwords for CodeCommit,
--   Keyspaces or Bedrock (service-specific credentials), SSH keys, signing certificates. They
--   survive the deletion of access keys and are forgotten in most clean-ups. Rows with an error are
--   attempts.
-- severity: medium
-- technique: T1098.001, T1098.004
-- apis: CreateServiceSpecificCredential, ResetServiceSpecificCredential, UploadSSHPublicKey,
--   UploadSigningCertificate
-- false-positives: Developers with a repository in CodeCommit; programs with Cassandra drivers.
-- next: Ask the actor. Delete what nobody needs: they are listed for each user in IAM.
-- tags: identity, credentials, persistence
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
  coalesce(element_at(requestParameters, 'userName'), userIdentity.userName) AS user_name,
  element_at(requestParameters, 'serviceName') AS for_service,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateServiceSpecificCredential', 'ResetServiceSpecificCredential', 'UploadSSHPublicKey',
      'UploadSigningCertificate')
ORDER BY event_time DESC, event_id
