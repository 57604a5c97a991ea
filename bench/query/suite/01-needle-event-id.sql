-- group: needles
-- title: one event by its eventID
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventID = :id
