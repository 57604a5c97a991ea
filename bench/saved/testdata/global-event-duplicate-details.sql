WITH repeated AS (
  SELECT eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventID IS NOT NULL
  GROUP BY eventID
  HAVING count(*) > 1
),
delivered AS (
  SELECT e.eventID, e.eventSource, e.eventName, e.eventTime, e.awsRegion, e.recipientAccountId,
    length($EVENT_JSON) AS size,
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
