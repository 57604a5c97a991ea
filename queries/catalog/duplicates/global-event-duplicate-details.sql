-- name: global-event-duplicate-details
-- title: The events delivered more than once
-- description: Lists each event that the store holds more than once under one eventID, with the
--   files that its copies came from and the likely cause. global-event-duplicates gives the totals.
--
--   The usual cause, for IAM, STS (its global endpoint) and CloudFront, is age: until 2021-11-22
--   CloudTrail wrote an event of a global service into the log of every region of a multi-region
--   trail, and into every single-region trail that included global events. Such copies carry one
--   eventID and awsRegion us-east-1, but lie in the folders of several regions (log_regions).
--   Since that day they are written once. Copies in one region's log that come from several trails
--   or folders mean that two trails (an account's and an organization's, say) cover the same
--   account, or that one log was ingested from two places. Copies that are left are CloudTrail's
--   own: it delivers at least once.
-- false-positives: None: an eventID is a UUID and is never used twice.
-- next: Open two of the files and compare. cause says which of the reasons above fits: for
--   "several regions" nothing needs doing, for "several trails" one trail or one ingested folder is
--   too many.
-- tags: duplicates, cost, global-services, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   event_source: string = ''
--     Only this service, such as iam.amazonaws.com; empty for all.
--   limit: integer = 1000
--     Rows at most.
WITH repeated AS (
  SELECT eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventID IS NOT NULL
  GROUP BY eventID
  HAVING count(*) > 1
),
delivered AS (
  SELECT e.eventID, e.eventSource, e.eventName, e.eventTime, e.awsRegion, e.recipientAccountId,
    length(e.eventJson) AS size,
    e._source AS file,
    e._source_region AS log_region,
    CASE
      WHEN strpos(e._source, '/' || e._source_account || '/CloudTrail') > 1
        THEN substr(e._source, 1, strpos(e._source, '/' || e._source_account || '/CloudTrail') - 1)
      WHEN strpos(e._source, '/') > 0
        THEN substr(e._source, 1, length(e._source) - strpos(reverse(e._source), '/'))
      ELSE coalesce(e._source, 'unknown')
    END AS trail
  FROM $EDS_ID e
  JOIN repeated r ON r.eventID = e.eventID
  WHERE e.eventTime >= :since AND e.eventTime < :until
    AND (:event_source = '' OR e.eventSource = :event_source)
)
SELECT min(eventTime) AS event_time,
  min(eventSource) AS event_source,
  min(eventName) AS event_name,
  min(recipientAccountId) AS account,
  min(awsRegion) AS region,
  eventID AS event_id,
  count(*) AS copies,
  count(*) - 1 AS extra_copies,
  CAST(sum(size) AS bigint) - max(size) AS wasted_bytes,
  CASE WHEN count(DISTINCT log_region) > 1 THEN 'several regions'
    WHEN count(DISTINCT trail) > 1 THEN 'several trails'
    ELSE 'delivered again' END AS cause,
  array_agg(DISTINCT coalesce(log_region, 'unknown') ORDER BY coalesce(log_region, 'unknown')) AS log_regions,
  array_agg(DISTINCT trail ORDER BY trail) AS trails,
  array_agg(DISTINCT file ORDER BY file) AS files
FROM delivered
GROUP BY eventID
ORDER BY copies DESC, event_time, event_id
LIMIT :limit
