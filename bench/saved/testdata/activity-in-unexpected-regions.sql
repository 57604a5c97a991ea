SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS changes,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS attempts,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND NOT readOnly
  AND awsRegion NOT IN (:expected)
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3
ORDER BY last_seen DESC, region, principal, account
