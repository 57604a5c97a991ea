-- group: needles
-- title: what came from an address
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE sourceIPAddress = :address
