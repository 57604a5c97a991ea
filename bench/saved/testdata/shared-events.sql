SELECT min(eventTime) AS event_time,
  min(eventSource) AS event_source,
  min(eventName) AS event_name,
  coalesce(max(userIdentity.arn), max(userIdentity.invokedBy), max(userIdentity.principalId)) AS caller,
  max(userIdentity.accountId) AS caller_account,
  array_agg(DISTINCT recipientAccountId ORDER BY recipientAccountId) AS accounts,
  count(DISTINCT eventID) AS records,
  array_agg(DISTINCT eventID ORDER BY eventID) AS event_ids,
  sharedEventID AS shared_event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sharedEventID IS NOT NULL
  AND (eventCategory IS NULL OR eventCategory <> 'Insight')
GROUP BY sharedEventID
HAVING count(DISTINCT recipientAccountId) > 1
ORDER BY event_time DESC, shared_event_id
LIMIT :limit
