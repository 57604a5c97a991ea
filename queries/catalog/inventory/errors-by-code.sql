-- name: errors-by-code
-- title: Errors by code and service
-- description: Which errors the services gave, how often, and to how many principals. Throttling
--   shows a client in a loop, access denials a missing permission or somebody trying, NoSuch… and
--   NotFound… in numbers somebody guessing names.
-- false-positives: Many programs ask whether a thing exists by asking for it, and get an error
--   every time.
-- next: For access denials see access-denied-by-principal. For the others, the principal with the
--   most of them is usually a program with a bug.
-- tags: inventory, errors
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, most frequent first.
SELECT errorCode AS error,
  eventSource AS event_source,
  count(*) AS errors,
  count(DISTINCT eventName) AS actions,
  min(eventName) AS an_action,
  count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
  min(errorMessage) AS a_message,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND errorCode IS NOT NULL
GROUP BY errorCode, eventSource
ORDER BY errors DESC, error, event_source
LIMIT :limit
