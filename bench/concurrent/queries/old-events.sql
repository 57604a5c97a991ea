-- name: old-events
-- title: The number of events of the old range
-- description: Never changes: what is ingested meanwhile is younger.
-- params:
--   until: timestamp = now
SELECT count(*) AS events
FROM $EDS_ID
WHERE eventTime < :until
