-- group: substring hunts
-- title: a word anywhere in any record
SELECT eventTime, eventName, eventID
FROM events
WHERE strpos(eventJson, :text) > 0
-- duckdb
SELECT eventTime, eventName, eventID
FROM records
WHERE contains(eventJson, :text)
