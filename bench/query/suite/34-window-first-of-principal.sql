-- group: windows
-- title: the first event of every principal
SELECT principal, eventTime, eventSource, eventName, sourceIPAddress
FROM (
  SELECT userIdentity.arn AS principal, eventTime, eventSource, eventName, sourceIPAddress,
    row_number() OVER (PARTITION BY userIdentity.arn ORDER BY eventTime, eventID, recipientAccountId, awsRegion) AS nth
  FROM events
  WHERE userIdentity.arn IS NOT NULL
) AS numbered
WHERE nth = 1
-- clickhouse
SELECT principal, eventtime, eventsource, eventname, sourceipaddress
FROM (
  SELECT useridentity.arn AS principal, eventtime, eventsource, eventname, sourceipaddress,
    row_number() OVER (PARTITION BY useridentity.arn ORDER BY eventtime, eventid, recipientaccountid, awsregion) AS nth
  FROM events
  WHERE useridentity.arn IS NOT NULL
) AS numbered
WHERE nth = 1
