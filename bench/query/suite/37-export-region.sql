-- group: exports
-- title: twelve columns of every event of a region
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode, requestID, eventID,
  recipientAccountId, userIdentity.type AS kind, userIdentity.arn AS principal
FROM events
WHERE awsRegion = :region
-- clickhouse
SELECT eventtime, eventsource, eventname, awsregion, sourceipaddress, useragent, errorcode, requestid, eventid,
  recipientaccountid, useridentity.type AS kind, useridentity.arn AS principal
FROM events
WHERE awsregion = :region
