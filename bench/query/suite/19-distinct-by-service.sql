-- group: distinct counts
-- title: how many principals, addresses and agents each service has
SELECT eventSource, count(DISTINCT userIdentity.arn) AS principals, count(DISTINCT sourceIPAddress) AS addresses, count(DISTINCT userAgent) AS agents
FROM events
GROUP BY eventSource
-- clickhouse
SELECT eventsource, count(DISTINCT useridentity.arn) AS principals, count(DISTINCT sourceipaddress) AS addresses, count(DISTINCT useragent) AS agents
FROM events
GROUP BY eventsource
