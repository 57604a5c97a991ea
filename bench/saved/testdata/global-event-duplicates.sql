WITH repeated AS (
  SELECT eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventID IS NOT NULL
  GROUP BY eventID
  HAVING count(*) > 1
),
delivered AS (
  SELECT e.eventID, e.eventSource, e.eventTime,
    length($EVENT_JSON) AS size,
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
