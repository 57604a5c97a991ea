SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventSource = 'logs.amazonaws.com' AND eventName IN ('FilterLogEvents', 'GetLogEvents', 'GetLogRecord', 'StartQuery', 'StartLiveTail')
    OR eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('LookupEvents', 'StartQuery', 'GetQueryResults'))
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3
HAVING count(DISTINCT eventID) >= :min_calls
ORDER BY calls DESC, principal, event_source, account
