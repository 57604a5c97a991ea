WITH delivered AS (
  SELECT coalesce(recipientAccountId, _source_account, 'unknown') AS account,
    coalesce(_source_region, 'unknown') AS log_region,
    CAST(eventTime AS date) AS event_day,
    eventTime, eventName, eventID,
    date_sub('minute', eventTime, strptime(regexp_extract(_source, '_([0-9]{8}T[0-9]{4})Z_[A-Za-z0-9]+[.]json', 1), '%Y%m%dT%H%M')) AS minutes
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND regexp_matches(_source, '_[0-9]{8}T[0-9]{4}Z_[A-Za-z0-9]+[.]json')
)
SELECT event_day,
  account,
  log_region,
  count(*) AS records,
  count(*) FILTER (WHERE minutes > :minutes) AS late,
  max(minutes) AS longest_minutes,
  array_agg(DISTINCT eventName ORDER BY eventName) FILTER (WHERE minutes > :minutes) AS late_event_names,
  min(CASE WHEN minutes > :minutes THEN eventID END) AS a_late_event_id
FROM delivered
GROUP BY event_day, account, log_region
HAVING count(*) FILTER (WHERE minutes > :minutes) > 0
ORDER BY event_day DESC, account, log_region
