-- group: needles
-- title: what an access key did on one day
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE userIdentity.accessKeyId = :key AND eventTime >= :day_since AND eventTime < :day_until
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE useridentity.accesskeyid = :key AND eventtime >= :day_since AND eventtime < :day_until
