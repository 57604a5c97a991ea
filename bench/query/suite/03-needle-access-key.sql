-- group: needles
-- title: what an access key did
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE userIdentity.accessKeyId = :key
