-- group: substring hunts
-- title: an address anywhere in any record, with who sent it
SELECT eventID, userIdentity.arn AS principal
FROM events
WHERE eventJson LIKE concat('%', :address, '%')
-- duckdb
SELECT eventID, userIdentity.arn AS principal
FROM records
WHERE contains(eventJson, :address)
-- clickhouse
SELECT eventid, useridentity.arn AS principal
FROM events
WHERE position(formatRowNoNewline('JSONEachRow', * EXCEPT _source), :address) > 0
SETTINGS output_format_json_escape_forward_slashes = 0, optimize_move_to_prewhere = 0
