-- group: needles
-- title: both records of a call between accounts
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userIdentity.arn, errorCode, eventID, recipientAccountId
FROM events
WHERE sharedEventID = :shared
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useridentity.arn, errorcode, eventid, recipientaccountid
FROM events
WHERE sharedeventid = :shared
