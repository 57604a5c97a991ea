-- group: needles
-- title: one call by its requestID
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE requestID = :request
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE requestid = :request
