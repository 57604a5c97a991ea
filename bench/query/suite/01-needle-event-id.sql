-- group: needles
-- title: one event by its eventID
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventID = :id
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE eventid = :id
