-- group: needles
-- title: what an access key did on one day
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE userIdentity.accessKeyId = :key AND eventTime >= :day_since AND eventTime < :day_until
