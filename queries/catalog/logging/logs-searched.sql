-- name: logs-searched
-- title: Who searches the logs
-- description: Principals that read or search logs through the API: log groups of CloudWatch, the
--   event history of CloudTrail, CloudTrail Lake. Applications write secrets into their logs, and an
--   intruder looks there for what is known about the intrusion. failed counts the calls that gave an
--   error.
-- severity: low
-- technique: T1654
-- apis: FilterLogEvents, GetLogEvents, GetLogRecord, StartQuery, StartLiveTail, GetQueryResults,
--   LookupEvents
-- false-positives: Tools that forward logs, dashboards, and everybody who debugs.
-- next: Look for principals that have no business with these logs. principal-timeline shows what
--   came before and after.
-- tags: logging, discovery, credentials
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_calls: integer = 1
--     Calls from which on a principal is listed.
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
