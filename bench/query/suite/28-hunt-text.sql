-- group: substring hunts
-- title: a word anywhere in any record
SELECT eventTime, eventName, eventID
FROM events
WHERE strpos(eventJson, :text) > 0
-- duckdb
SELECT eventTime, eventName, eventID
FROM records
WHERE contains(eventJson, :text)
-- clickhouse
SELECT eventtime, eventname, eventid
FROM events
WHERE position(formatRowNoNewline('JSONEachRow', * EXCEPT _source), :text) > 0
SETTINGS output_format_json_escape_forward_slashes = 0
