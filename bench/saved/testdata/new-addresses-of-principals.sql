WITH seen AS (
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
  WHERE eventTime >= :since AND eventTime < :until
    AND regexp_matches(sourceIPAddress, '^[0-9a-f.:]+$')
  GROUP BY 1, 2, 3
),
known AS (
  SELECT account, principal, min(first_seen) AS known_since, count(*) AS addresses
  FROM seen
  GROUP BY account, principal
)
SELECT s.account, s.principal, s.address, s.calls, s.errors, s.regions, s.first_seen, s.last_seen, k.known_since, k.addresses
FROM seen s
JOIN known k ON k.account = s.account AND k.principal = s.principal
WHERE s.first_seen >= :split AND k.known_since < :split
ORDER BY first_seen DESC, principal, address, account
