-- group: nested JSON
-- title: the first instance of every call about instances
SELECT eventName, json_extract_scalar(element_at(requestParameters, 'instancesSet'), '$.items[0].instanceId') AS instance, count(*) AS calls
FROM events
WHERE eventSource = 'ec2.amazonaws.com'
GROUP BY 1, 2
-- duckdb
SELECT eventName, json_extract_string(requestParameters, '$.instancesSet.items[0].instanceId') AS instance, count(*) AS calls
FROM events
WHERE eventSource = 'ec2.amazonaws.com'
GROUP BY 1, 2
-- clickhouse
SELECT eventname, JSONExtract(requestparameters, 'instancesSet', 'items', 1, 'instanceId', 'Nullable(String)') AS instance, count() AS calls
FROM events
WHERE eventsource = 'ec2.amazonaws.com'
GROUP BY 1, 2
