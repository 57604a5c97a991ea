SELECT eventSource AS event_source,
  count(*) AS events,
  count(CASE WHEN readOnly THEN 1 END) AS reads,
  count(CASE WHEN managementEvent = false THEN 1 END) AS data_events,
  count(errorCode) AS errors,
  count(DISTINCT eventName) AS actions,
  count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
  count(DISTINCT recipientAccountId) AS accounts,
  count(DISTINCT awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY eventSource
ORDER BY events DESC, event_source
