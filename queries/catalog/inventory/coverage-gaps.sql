-- name: coverage-gaps
-- title: Stretches of time without an event
-- description: Where the log of an account and region falls silent and speaks again later. An
--   account in use is never quiet for long: services call each other all day. A gap is a trail
--   that was stopped, logs that were deleted or not ingested, or a region that nobody uses.
-- false-positives: Regions with few events. Raise hours until only what is out of the ordinary
--   is left.
-- next: Ingest the folders of these days again. If the gap stays, look for logging-tampering
--   just before it, and check the digests.
-- tags: inventory, coverage, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   hours: integer = 24
--     Shortest stretch that counts, in hours.
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
  date_diff('hour', event_before, first_event) AS silent_hours
FROM neighbours
WHERE date_diff('hour', event_before, first_event) >= :hours
ORDER BY silent_hours DESC, silent_from DESC, account, log_region
