SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  coalesce(json_extract_string(requestParameters, '$.instanceType'), 'unknown') AS instance_type,
  errorCode AS error,
  count(DISTINCT eventID) AS refused,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('RunInstances', 'CreateFleet', 'RequestSpotInstances')
  AND (errorCode LIKE '%LimitExceeded' OR errorCode LIKE '%MaxSpotInstanceCountExceeded')
GROUP BY 1, 2, 3, 4, 5
ORDER BY refused DESC, last_seen DESC, principal, instance_type, error, account, region
