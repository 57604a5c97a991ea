-- name: changes-by-principal
-- title: What was changed, by whom
-- description: Successful changes, counted by account, principal and action, the most recent first.
--   The first page of a morning or of an incident: a principal or an action that nobody expects
--   stands out. Reads, failures and the reading and writing of data are left out. Roles are counted
--   as one principal, whatever their sessions are called; a copy of an event counts once.
-- false-positives: None: it lists what there is. Auto scaling and service-linked roles make many of
--   the rows.
-- next: Take a principal that should not be there to principal-timeline.
-- tags: triage, changes, inventory
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT eventID) AS changes,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND NOT readOnly
  AND errorCode IS NULL
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, principal, account, event_source, event_name
LIMIT :limit
