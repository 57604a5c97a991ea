-- group: time ranges
-- title: every event of one hour
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID
FROM events
WHERE eventTime >= :hour_since AND eventTime < :hour_until
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid
FROM events
WHERE eventtime >= :hour_since AND eventtime < :hour_until
