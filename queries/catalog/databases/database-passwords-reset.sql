-- name: database-passwords-reset
-- title: Passwords of databases set anew
-- description: Who set the password of a database's first user, or asked for a temporary
--   password of Redshift. Whoever may call these is in the database without knowing a password.
--   The password itself is not in the record. Rows with an error are attempts.
-- severity: medium
-- technique: T1098, T1555
-- apis: ModifyDBInstance, ModifyDBCluster, ModifyCluster, GetClusterCredentials,
--   GetClusterCredentialsWithIAM
-- false-positives: Rotation by a program, and tools that log in to Redshift through IAM.
-- next: Is the actor the one that always does it? If not, set the password again and read the
--   database's own log.
-- tags: databases, rds, redshift, credential-access
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
  coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'), element_at(requestParameters, 'clusterIdentifier')) AS database_name,
  element_at(requestParameters, 'dbUser') AS database_user,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource IN ('rds.amazonaws.com', 'redshift.amazonaws.com')
      AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster', 'ModifyCluster')
      AND element_at(requestParameters, 'masterUserPassword') IS NOT NULL)
    OR (eventSource = 'redshift.amazonaws.com' AND eventName IN ('GetClusterCredentials', 'GetClusterCredentialsWithIAM')))
ORDER BY event_time DESC, event_id
