-- group: needles
-- title: what a principal did
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE userIdentity.arn = :arn
