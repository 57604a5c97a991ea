-- name: global-event-duplicates
-- title: Events delivered more than once, by service
-- description: Counts, for each service, the events that the store holds more than once under one
--   eventID (events), all their records (copies), and those that need not be there (extra_copies).
--   Every count over a store counts copies too, so a number that looks several times too high often
--   begins here. wasted_bytes is the length of the extra copies as delivered, before compression,
--   counted in characters: in CloudTrail's JSON, which is nearly all ASCII, that is bytes.
--
--   The usual cause, for IAM, STS (its global endpoint) and CloudFront, is age: until 2021-11-22
--   CloudTrail wrote an event of a global service into the log of every region of a multi-region
--   trail, and into every single-region trail that included global events. Such copies carry one
--   eventID and awsRegion us-east-1, but lie in the folders of several regions (log_regions).
--   Since that day they are written once. Copies in one region's log that come from several trails
--   or folders mean that two trails (an account's and an organization's, say) cover the same
--   account, or that one log was ingested from two places. Copies that are left are CloudTrail's
--   own: it delivers at least once.
-- false-positives: None: an eventID is a UUID and is never used twice. Records older than
--   eventVersion 1.01 have no eventID and are left out.
-- next: List the events with global-event-duplicate-details. If today's events are copied, find
--   the second trail (aws cloudtrail describe-trails) and end one of the two, or turn off its global
--   service events. For right totals over old logs, count distinct eventIDs instead of rows, or
--   ingest one region's folders of them only.
-- tags: duplicates, cost, global-services, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH repeated AS (
  SELECT eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventID IS NOT NULL
  GROUP BY eventID
  HAVING count(*) > 1
),
delivered AS (
  SELECT e.eventID, e.eventSource, e.eventTime,
    length(e.eventJson) AS size,
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
),
numbered AS (
  SELECT eventID, eventSource, eventTime, size, log_region, trail,
    row_number() OVER (PARTITION BY eventID ORDER BY size DESC, log_region, trail) AS nth,
    coalesce(min(log_region) OVER (PARTITION BY eventID) <> max(log_region) OVER (PARTITION BY eventID), false)
      AS several_regions,
    min(trail) OVER (PARTITION BY eventID) <> max(trail) OVER (PARTITION BY eventID) AS several_trails
  FROM delivered
)
SELECT eventSource AS event_source,
  CASE WHEN eventSource IN ('iam.amazonaws.com', 'sts.amazonaws.com', 'cloudfront.amazonaws.com')
    THEN 'global' ELSE 'other' END AS scope,
  count(DISTINCT eventID) AS events,
  count(*) AS copies,
  count(CASE WHEN nth > 1 THEN 1 END) AS extra_copies,
  CAST(sum(CASE WHEN nth > 1 THEN size ELSE 0 END) AS bigint) AS wasted_bytes,
  count(DISTINCT CASE WHEN several_regions THEN eventID END) AS events_in_several_regions,
  count(DISTINCT CASE WHEN several_trails THEN eventID END) AS events_in_several_trails,
  count(DISTINCT CASE WHEN NOT several_regions AND NOT several_trails THEN eventID END) AS events_delivered_again,
  array_agg(DISTINCT coalesce(log_region, 'unknown') ORDER BY coalesce(log_region, 'unknown')) AS log_regions,
  array_agg(DISTINCT trail ORDER BY trail) AS trails,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM numbered
GROUP BY eventSource
ORDER BY extra_copies DESC, event_source
