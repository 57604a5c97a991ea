-- name: bulk-deletions
-- title: Many deletions within an hour
-- description: Principals that deleted many things within one hour of the clock: successful calls
--   whose name begins with Delete, Terminate, Purge or Deregister. Somebody tears an environment
--   down on purpose, or an intruder destroys it. Objects in buckets have a query of their own.
-- severity: high
-- technique: T1485, T1578.003
-- false-positives: terraform destroy, the deletion of a stack, clean-up jobs for test environments
--   and old snapshots.
-- next: Ask the principal. If nobody ordered it, block it now and look at the actions: backups and
--   snapshots come first.
-- tags: triage, impact, deletion
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_deletions: integer = 20
--     Fewest deletions of a principal in an hour that is listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT eventID) AS deletions,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventName LIKE 'Delete%' OR eventName LIKE 'Terminate%' OR eventName LIKE 'Purge%' OR eventName LIKE 'Deregister%')
  AND errorCode IS NULL
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3
HAVING count(DISTINCT eventID) >= :min_deletions
ORDER BY event_hour DESC, deletions DESC, principal, account
