-- name: insights
-- title: What CloudTrail Insights has found
-- description: Each insight that CloudTrail delivered: an action that was called, or failed, far
--   more (or less) often than in the weeks before, with its usual and its unusual rate and the
--   principal or program that did most of it. The records of its start and its end are one row;
--   without an end it is not over, or the end is not in the store.
-- severity: low
-- false-positives: A migration or a release changes rates as well.
-- next: Look at what most_by did at that time: principal-timeline. An insight about errors often
--   is a lost permission: errors-by-code.
-- tags: triage, insights, anomaly
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH found AS (
  SELECT min(CASE WHEN element_at(insightDetails, 'state') = 'Start' THEN eventTime END) AS started,
    max(CASE WHEN element_at(insightDetails, 'state') = 'End' THEN eventTime END) AS ended,
    recipientAccountId AS account,
    awsRegion AS region,
    element_at(insightDetails, 'insightType') AS insight_type,
    element_at(insightDetails, 'eventSource') AS event_source,
    element_at(insightDetails, 'eventName') AS event_name,
    element_at(insightDetails, 'errorCode') AS error,
    max(CAST(json_extract_scalar(element_at(insightDetails, 'insightContext'), '$.statistics.baseline.average') AS double)) AS usual_per_minute,
    max(CAST(json_extract_scalar(element_at(insightDetails, 'insightContext'), '$.statistics.insight.average') AS double)) AS seen_per_minute,
    max(json_extract_scalar(element_at(insightDetails, 'insightContext'), '$.attributions[0].insight[0].value')) AS most_by,
    sharedEventID AS shared_event_id,
    coalesce(min(CASE WHEN element_at(insightDetails, 'state') = 'Start' THEN eventTime END), max(CASE WHEN element_at(insightDetails, 'state') = 'End' THEN eventTime END)) AS reported
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventCategory = 'Insight'
  GROUP BY recipientAccountId, awsRegion, element_at(insightDetails, 'insightType'), element_at(insightDetails, 'eventSource'),
    element_at(insightDetails, 'eventName'), element_at(insightDetails, 'errorCode'), sharedEventID
)
SELECT started, ended, account, region, insight_type, event_source, event_name, error,
  usual_per_minute, seen_per_minute, most_by, shared_event_id
FROM found
ORDER BY reported DESC, shared_event_id, account
