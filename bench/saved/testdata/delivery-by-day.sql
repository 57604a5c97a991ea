SELECT eventTime::DATE AS event_day,
  coalesce(recipientAccountId, _source_account, 'unknown') AS account,
  coalesce(_source_region, 'unknown') AS log_region,
  count(*) AS events,
  count(DISTINCT _source) AS files,
  min(eventTime) AS first_event,
  max(eventTime) AS last_event
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY eventTime::DATE, coalesce(recipientAccountId, _source_account, 'unknown'),
  coalesce(_source_region, 'unknown')
ORDER BY event_day, account, log_region
