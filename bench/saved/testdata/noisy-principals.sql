SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(userAgent) AS a_user_agent
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY 1, 2, 3, 4, 5, 6
HAVING count(DISTINCT eventID) >= :min_calls
ORDER BY calls DESC, event_hour DESC, principal, event_source, event_name, account, region
LIMIT :limit
