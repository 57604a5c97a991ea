WITH per_address AS (
  SELECT sourceIPAddress AS address,
    CASE
      WHEN sourceIPAddress IS NULL THEN 'none'
      WHEN starts_with(sourceIPAddress, 'AWS Internal') THEN 'AWS Internal'
      WHEN strpos(sourceIPAddress, ':') > 0 THEN 'IPv6'
      WHEN lower(sourceIPAddress) <> upper(sourceIPAddress) THEN 'AWS service'
      ELSE 'IPv4'
    END AS address_type,
    count(*) AS calls,
    count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
    count(DISTINCT eventSource) AS services,
    count(errorCode) AS errors,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
  GROUP BY sourceIPAddress
),
ranked AS (
  SELECT address, address_type, calls, principals, services, errors, first_seen, last_seen,
    CASE WHEN address_type IN ('IPv4', 'IPv6') THEN 1 ELSE 2 END AS part,
    row_number() OVER (
      PARTITION BY CASE WHEN address_type IN ('IPv4', 'IPv6') THEN 1 ELSE 2 END
      ORDER BY calls DESC, address) AS place
  FROM per_address
)
SELECT address, address_type, calls, principals, services, errors, first_seen, last_seen
FROM ranked
WHERE place <= :limit
ORDER BY part, calls DESC, address
