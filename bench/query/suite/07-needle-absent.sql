-- group: needles
-- title: an eventID that is nowhere
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventID = :absent
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE eventid = :absent
