-- name: unknown-event-versions
-- title: Records of an unknown version
-- description: Records whose eventVersion is none of those that AWS has documented (1.0 to 1.11),
--   or that have none. A new minor version only adds fields: nothing is lost, since the whole record
--   is in eventJson, but a new field has no column. A new major version may change meanings, and a
--   version that never was is a record that CloudTrail did not write.
-- false-positives: None.
-- next: Read one: SELECT eventJson … WHERE eventID = '…'. Then look for a newer version of this
--   program.
-- tags: inventory, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT coalesce(eventVersion, 'none') AS version,
  count(*) AS events,
  count(DISTINCT eventSource) AS services,
  min(eventSource) AS a_service,
  min(eventID) AS an_event_id,
  min(_source) AS a_file,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventVersion IS NULL
    OR eventVersion NOT IN ('1.0', '1.00', '1.01', '1.02', '1.03', '1.04', '1.05', '1.06', '1.07', '1.08', '1.09',
      '1.10', '1.11'))
GROUP BY coalesce(eventVersion, 'none')
ORDER BY events DESC, version
