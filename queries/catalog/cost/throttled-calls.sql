-- name: throttled-calls
-- title: Calls refused because there were too many
-- description: Which principals AWS has throttled, for which action, and how many calls of it
--   they made in all. Who is over the rate of an account slows down everybody in it: rates are
--   kept by account and region. A burst of throttled List and Describe calls may also be
--   somebody who looks around in haste.
-- false-positives: Programs that try again with growing pauses meet a few refusals and need no
--   change.
-- next: Find the program by the user agent. Make it page, cache, or wait longer between tries;
--   or ask for a higher quota. For a stranger: reconnaissance-bursts.
-- tags: cost, quota, operations
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT CASE WHEN regexp_like(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventID END) AS refused,
  count(DISTINCT eventID) AS calls,
  min(CASE WHEN regexp_like(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN userAgent END) AS a_user_agent,
  min(CASE WHEN regexp_like(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventTime END) AS first_refused,
  max(CASE WHEN regexp_like(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventTime END) AS last_refused
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT CASE WHEN regexp_like(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventID END) > 0
ORDER BY refused DESC, last_refused DESC, principal, event_source, event_name, account, region
