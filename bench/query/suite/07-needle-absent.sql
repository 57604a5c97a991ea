-- group: needles
-- title: an eventID that is nowhere
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventID = :absent
