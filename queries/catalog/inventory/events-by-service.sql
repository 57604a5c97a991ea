-- name: events-by-service
-- title: Events by service
-- description: What the store holds: for each service the events, how many only read, how many are
--   data events, the errors, the principals, accounts and regions, and the first and last event. The
--   first query to run over a new store, to see what is in it and what is not.
-- false-positives: None: it counts. Copies count each time, see global-event-duplicates.
-- next: A service that you use and that is missing logs no data events, or its region or account
--   is not covered. One that you do not use and that is there deserves a question.
-- tags: inventory, overview
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
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
