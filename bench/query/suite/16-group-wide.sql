-- group: group-bys
-- title: calls by eight columns
SELECT recipientAccountId, awsRegion, eventSource, eventName, readOnly, errorCode, userIdentity.type AS kind, userIdentity.arn AS principal,
  count(*) AS calls, min(eventTime) AS first_seen, max(eventTime) AS last_seen
FROM events
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
-- clickhouse
SELECT recipientaccountid, awsregion, eventsource, eventname, readonly, errorcode, useridentity.type AS kind, useridentity.arn AS principal,
  count() AS calls, min(eventtime) AS first_seen, max(eventtime) AS last_seen
FROM events
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
