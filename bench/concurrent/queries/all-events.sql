-- name: all-events
-- title: The number of all events
-- description: Never goes down from one query of a client to its next.
SELECT count(*) AS events
FROM $EDS_ID
