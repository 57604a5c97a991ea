SELECT recipientAccountId AS account,
  json_extract_string(requestParameters, '$.roleArn') AS role_arn,
  coalesce(userIdentity.identityProvider, json_extract_string(requestParameters, '$.principalArn')) AS provider,
  coalesce(userIdentity.userName, userIdentity.principalId, 'unknown') AS subject,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS sessions,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sts.amazonaws.com'
  AND eventName IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML')
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, role_arn, subject, provider, account
