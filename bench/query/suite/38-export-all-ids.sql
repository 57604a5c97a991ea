-- group: exports
-- title: time, id and principal of every event
SELECT eventTime, eventID, userIdentity.arn AS principal
FROM events
-- clickhouse
SELECT eventtime, eventid, useridentity.arn AS principal
FROM events
