-- group: exports
-- title: twelve columns of every event of a region
SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode, requestID, eventID,
  recipientAccountId, userIdentity.type AS kind, userIdentity.arn AS principal
FROM events
WHERE awsRegion = :region
