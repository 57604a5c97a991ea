-- name: noisy-principals
-- title: Noisy principals
-- description: Principals that call one action very often in an hour. A loop without a pause
--   costs money (each call of KMS, S3 or Secrets Manager is billed, and so is each event that a
--   trail delivers), fills the log, and eats the rate that others need.
-- false-positives: Machines that do real work: data events of S3 and DynamoDB may come by the
--   million.
-- next: Find the program by its user agent. Cache what does not change; put selectors on the
--   trail for data events that nobody reads.
-- tags: cost, quota, operations
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_calls: integer = 1000
--     Calls of one action by one principal in an hour, at least.
--   limit: integer = 1000
--     Rows at most, most calls first.
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
