WITH history AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    sourceIPAddress AS address,
    min(eventTime) AS first_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime < :split
    AND regexp_matches(sourceIPAddress, '^[0-9a-f.:]+$')
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
    AND regexp_matches(sourceIPAddress, '^[0-9a-f.:]+$')
  GROUP BY 1, 2, 3
)
SELECT r.account, r.principal, r.address, r.calls, r.errors, r.regions, r.first_seen, r.last_seen, k.known_since,
  k.addresses + count(*) OVER (PARTITION BY r.account, r.principal) AS addresses
FROM recent r
JOIN known k ON k.account = r.account AND k.principal = r.principal
LEFT JOIN history h ON h.account = r.account AND h.principal = r.principal AND h.address = r.address
WHERE h.address IS NULL
ORDER BY first_seen DESC, principal, address, account
