SELECT json_extract_string(addendum, '$.reason') AS reason,
  eventSource AS event_source,
  eventName AS event_name,
  recipientAccountId AS account,
  awsRegion AS region,
  count(DISTINCT eventID) AS records,
  array_agg(DISTINCT json_extract_string(addendum, '$.updatedFields') ORDER BY json_extract_string(addendum, '$.updatedFields'))
    FILTER (WHERE json_extract_string(addendum, '$.updatedFields') IS NOT NULL) AS updated_fields,
  min(eventID) AS an_event_id,
  min(json_extract_string(addendum, '$.originalEventID')) AS its_original,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND json_extract_string(addendum, '$.reason') IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
ORDER BY records DESC, last_seen DESC, reason, event_source, event_name, account, region
