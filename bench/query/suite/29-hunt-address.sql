-- group: substring hunts
-- title: an address anywhere in any record, with who sent it
SELECT eventID, userIdentity.arn AS principal
FROM events
WHERE eventJson LIKE concat('%', :address, '%')
-- duckdb
SELECT eventID, userIdentity.arn AS principal
FROM records
WHERE contains(eventJson, :address)
