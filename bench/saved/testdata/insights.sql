SELECT min(CASE WHEN json_extract_string(insightDetails, '$.state') = 'Start' THEN eventTime END) AS started,
  max(CASE WHEN json_extract_string(insightDetails, '$.state') = 'End' THEN eventTime END) AS ended,
  recipientAccountId AS account,
  awsRegion AS region,
  json_extract_string(insightDetails, '$.insightType') AS insight_type,
  json_extract_string(insightDetails, '$.eventSource') AS event_source,
  json_extract_string(insightDetails, '$.eventName') AS event_name,
  json_extract_string(insightDetails, '$.errorCode') AS error,
  max(CAST(json_extract_string(insightDetails, '$.insightContext.statistics.baseline.average') AS double)) AS usual_per_minute,
  max(CAST(json_extract_string(insightDetails, '$.insightContext.statistics.insight.average') AS double)) AS seen_per_minute,
  max(json_extract_string(insightDetails, '$.insightContext.attributions[0].insight[0].value')) AS most_by,
  sharedEventID AS shared_event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventCategory = 'Insight'
GROUP BY recipientAccountId, awsRegion, json_extract_string(insightDetails, '$.insightType'), json_extract_string(insightDetails, '$.eventSource'),
  json_extract_string(insightDetails, '$.eventName'), json_extract_string(insightDetails, '$.errorCode'), sharedEventID
ORDER BY coalesce(started, ended) DESC, shared_event_id, account
