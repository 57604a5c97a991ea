SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.trailName'), json_extract_string(requestParameters, '$.eventDataStore')) AS trail,
  CASE WHEN json_extract_string(requestParameters, '$.eventSelectors') LIKE '%"includeManagementEvents":false%'
      OR json_extract_string(requestParameters, '$.eventSelectors') LIKE '%"readWriteType":"ReadOnly"%'
      OR json_extract_string(requestParameters, '$.eventSelectors') LIKE '%"readWriteType":"WriteOnly"%'
      OR json_extract_string(requestParameters, '$.eventSelectors') LIKE '%"excludeManagementEventSources":["%'
      OR json_extract_string(requestParameters, '$.insightSelectors') = '[]'
      OR (json_extract_string(requestParameters, '$.advancedEventSelectors') NOT LIKE '%"Management"%'
        AND json_extract_string(requestParameters, '$.advancedEventSelectors') <> '[]')
    THEN 'yes' ELSE 'no' END AS narrowed,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName IN ('PutEventSelectors', 'PutInsightSelectors')
ORDER BY event_time DESC, event_id
