SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  max(userIdentity.type) AS principal_type,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN NOT readOnly AND errorCode IS NULL THEN eventID END) AS changes,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
  count(DISTINCT eventSource) AS services,
  count(DISTINCT sourceIPAddress) AS addresses,
  count(DISTINCT userAgent) AS user_agents,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2
ORDER BY changes DESC, calls DESC, principal, account
LIMIT :limit
