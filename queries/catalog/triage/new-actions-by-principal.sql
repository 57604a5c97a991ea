-- name: new-actions-by-principal
-- title: Actions that a principal never did before
-- description: Successful actions that a known principal did for the first time after split.
--   Programs do the same few things for months; a stolen key does new ones. Principals that are new
--   themselves are left out, since all that they do is new.
-- severity: low
-- technique: T1078.004
-- false-positives: A new version of a program; people, who do something new every day. Give split
--   the time of the last deployment for programs.
-- next: For a role of a program, compare with its code. Otherwise take the principal to
--   principal-timeline.
-- tags: triage, baseline, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   split: timestamp = now - 1 days
--     Actions first seen from here on are new; what lies between since and here is the history.
--   principal: string = ''
--     Only this principal (its ARN; for sessions the role's); empty for all.
WITH history AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName,
    min(eventTime) AS first_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime < :split
    AND errorCode IS NULL
  GROUP BY 1, 2, 3, 4
),
known AS (
  SELECT account, principal, min(first_seen) AS known_since
  FROM history
  GROUP BY account, principal
),
recent AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName,
    min(eventTime) AS first_seen,
    count(DISTINCT eventID) AS calls,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
    count(DISTINCT sourceIPAddress) AS addresses
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime >= :split
    AND errorCode IS NULL
  GROUP BY 1, 2, 3, 4
)
SELECT r.account,
  r.principal,
  r.eventSource AS event_source,
  r.eventName AS event_name,
  r.calls,
  r.regions,
  r.addresses,
  r.first_seen,
  k.known_since
FROM recent r
JOIN known k ON k.account = r.account AND k.principal = r.principal
LEFT JOIN history h ON h.account = r.account AND h.principal = r.principal
  AND h.eventSource IS NOT DISTINCT FROM r.eventSource AND h.eventName IS NOT DISTINCT FROM r.eventName
WHERE h.principal IS NULL
  AND (:principal = '' OR r.principal = :principal)
ORDER BY first_seen DESC, principal, event_source, event_name, account
