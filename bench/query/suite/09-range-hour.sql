-- group: time ranges
-- title: every event of one hour
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventTime >= :hour_since AND eventTime < :hour_until
