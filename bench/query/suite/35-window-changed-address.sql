-- group: windows
-- title: keys that went on from another address
SELECT key, count(*) AS changes
FROM (
  SELECT userIdentity.accessKeyId AS key, sourceIPAddress AS address,
    lag(sourceIPAddress) OVER (PARTITION BY userIdentity.accessKeyId ORDER BY eventTime, eventID, sourceIPAddress) AS before
  FROM events
  WHERE userIdentity.accessKeyId IS NOT NULL
) AS steps
WHERE address <> before
GROUP BY key
-- clickhouse
SELECT key, count() AS changes
FROM (
  SELECT useridentity.accesskeyid AS key, sourceipaddress AS address,
    lagInFrame(sourceipaddress) OVER (PARTITION BY useridentity.accesskeyid ORDER BY eventtime, eventid, sourceipaddress
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
  FROM events
  WHERE useridentity.accesskeyid IS NOT NULL
) AS steps
WHERE address <> before
GROUP BY key
