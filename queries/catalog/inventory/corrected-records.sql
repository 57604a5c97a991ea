-- name: corrected-records
-- title: Records that CloudTrail delivered late or again
-- description: Records with an addendum, in which CloudTrail says why it came late
--   (DELIVERY_DELAY, SERVICE_OUTAGE) or that it corrects one before it (UPDATED_DATA, with the
--   fields that changed and the eventID of the original). A corrected action is in the store
--   twice, under two event ids: a count of actions counts it twice, and a detection may have
--   judged the wrong one.
-- false-positives: None: CloudTrail itself wrote the reason.
-- next: For UPDATED_DATA read both: SELECT eventJson … WHERE eventID IN ('…', '…'). For outages
--   see whether a schedule ran before the records came, and run it again for that time.
-- tags: inventory, quality, duplicates
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT element_at(addendum, 'reason') AS reason,
  eventSource AS event_source,
  eventName AS event_name,
  recipientAccountId AS account,
  awsRegion AS region,
  count(DISTINCT eventID) AS records,
  array_agg(DISTINCT element_at(addendum, 'updatedFields') ORDER BY element_at(addendum, 'updatedFields'))
    FILTER (WHERE element_at(addendum, 'updatedFields') IS NOT NULL) AS updated_fields,
  min(eventID) AS an_event_id,
  min(element_at(addendum, 'originalEventID')) AS its_original,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND element_at(addendum, 'reason') IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ORDER BY records DESC, last_seen DESC, reason, event_source, event_name, account, region
