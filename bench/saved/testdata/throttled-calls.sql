SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT CASE WHEN regexp_matches(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventID END) AS refused,
  count(DISTINCT eventID) AS calls,
  min(CASE WHEN regexp_matches(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN userAgent END) AS a_user_agent,
  min(CASE WHEN regexp_matches(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventTime END) AS first_refused,
  max(CASE WHEN regexp_matches(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventTime END) AS last_refused
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT CASE WHEN regexp_matches(errorCode, '(?i)(throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|RateExceeded)') THEN eventID END) > 0
ORDER BY refused DESC, last_refused DESC, principal, event_source, event_name, account, region
