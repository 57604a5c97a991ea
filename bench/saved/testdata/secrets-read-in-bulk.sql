SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  count(DISTINCT coalesce(json_extract_string(requestParameters, '$.secretId'), eventID)) AS secrets,
  count(DISTINCT eventID) AS calls,
  min(json_extract_string(requestParameters, '$.secretId')) AS a_secret,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND eventName IN ('GetSecretValue', 'BatchGetSecretValue')
  AND errorCode IS NULL
GROUP BY 1, 2, 3, 4, 5, 6
HAVING count(DISTINCT coalesce(json_extract_string(requestParameters, '$.secretId'), eventID)) >= :min_secrets
ORDER BY event_hour DESC, secrets DESC, principal, address, user_agent, account, region
