-- name: warehouses-shared
-- title: Data of Redshift shared with other accounts
-- description: Who let another account restore a snapshot of a Redshift warehouse, read a data
--   share of it, or reach its endpoint. Rows with an error are attempts.
-- severity: high
-- technique: T1537
-- apis: AuthorizeSnapshotAccess, AuthorizeDataShare, AuthorizeEndpointAccess
-- false-positives: Shares within the organization: put those accounts into known_accounts.
-- next: Take it back (revoke-snapshot-access, deauthorize-data-share, revoke-endpoint-access).
--   Treat the data as copied.
-- tags: databases, redshift, cross-account, exfiltration
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'snapshotIdentifier'), element_at(requestParameters, 'snapshotArn'), element_at(requestParameters, 'dataShareArn'), element_at(requestParameters, 'clusterIdentifier')) AS shared,
  coalesce(element_at(requestParameters, 'accountWithRestoreAccess'), element_at(requestParameters, 'consumerIdentifier'), element_at(requestParameters, 'account')) AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'redshift.amazonaws.com'
  AND eventName IN ('AuthorizeSnapshotAccess', 'AuthorizeDataShare', 'AuthorizeEndpointAccess')
  AND coalesce(element_at(requestParameters, 'accountWithRestoreAccess'), element_at(requestParameters, 'consumerIdentifier'), element_at(requestParameters, 'account'), 'unknown') NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
