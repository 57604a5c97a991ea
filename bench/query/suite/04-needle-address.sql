-- group: needles
-- title: what came from an address
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE sourceIPAddress = :address
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE sourceipaddress = :address
