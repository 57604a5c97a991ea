WITH hours AS (
  SELECT coalesce(recipientAccountId, _source_account, 'unknown') AS account,
    coalesce(_source_region, 'unknown') AS log_region,
    date_trunc('hour', eventTime) AS event_hour,
    min(eventTime) AS first_event,
    max(eventTime) AS last_event
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
  GROUP BY 1, 2, 3
),
neighbours AS (
  SELECT account, log_region, first_event,
    lag(last_event) OVER (PARTITION BY account, log_region ORDER BY event_hour) AS event_before
  FROM hours
)
SELECT account,
  log_region,
  event_before AS silent_from,
  first_event AS silent_until,
  date_sub('hour', event_before, first_event) AS silent_hours
FROM neighbours
WHERE date_sub('hour', event_before, first_event) >= :hours
ORDER BY silent_hours DESC, silent_from DESC, account, log_region
