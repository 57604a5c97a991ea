-- name: hour
-- title: What happened in an hour
-- description: A different hour of the old range each time.
-- params:
--   since: timestamp = now - 1 hour
--   until: timestamp = now
SELECT eventTime, eventSource, eventName, userIdentity.arn, sourceIPAddress, errorCode
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
ORDER BY eventTime, eventID
LIMIT 1000
