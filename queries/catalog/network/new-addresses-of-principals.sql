-- name: new-addresses-of-principals
-- title: Principals at an address that is new for them
-- description: Known principals that called from an address for the first time after split. For a
--   program, whose machines stay where they are, it is the plainest sign of a stolen key. Addresses
--   that are names of AWS services are left out.
-- severity: medium
-- technique: T1078.004
-- false-positives: People on the move; machines that get new public addresses; NAT gateways that
--   were replaced.
-- next: Is the address yours (address-timeline shows who else calls from it)? If not, disable the
--   key.
-- tags: network, baseline, credentials, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   split: timestamp = now - 1 days
--     Addresses first seen from here on are new; what lies between since and here is the history.
WITH history AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    sourceIPAddress AS address,
    min(eventTime) AS first_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime < :split
    AND regexp_like(sourceIPAddress, '^[0-9a-f.:]+$')
  GROUP BY 1, 2, 3
),
known AS (
  SELECT account, principal, min(first_seen) AS known_since, count(*) AS addresses
  FROM history
  GROUP BY account, principal
),
recent AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    sourceIPAddress AS address,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime >= :split
    AND regexp_like(sourceIPAddress, '^[0-9a-f.:]+$')
  GROUP BY 1, 2, 3
)
SELECT r.account, r.principal, r.address, r.calls, r.errors, r.regions, r.first_seen, r.last_seen, k.known_since,
  k.addresses + count(*) OVER (PARTITION BY r.account, r.principal) AS addresses
FROM recent r
JOIN known k ON k.account = r.account AND k.principal = r.principal
LEFT JOIN history h ON h.account = r.account AND h.principal = r.principal AND h.address = r.address
WHERE h.address IS NULL
ORDER BY first_seen DESC, principal, address, account
