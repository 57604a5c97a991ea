SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT json_extract_string(requestParameters, '$.instanceId')) AS instances,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'GetPasswordData'
GROUP BY 1, 2, 3, 4
ORDER BY instances DESC, calls DESC, principal, address, account, region
