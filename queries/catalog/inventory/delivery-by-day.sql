-- name: delivery-by-day
-- title: Delivery by day, account and region
-- description: For each day, account and region of the log: the events, and the files that they
--   came from. A day with far fewer than its neighbours, or a day that is missing between two
--   others, is a hole: a trail that was stopped, a folder that was not ingested, an account that was
--   added late. log_region is the region in the file's key, which for global services is not always
--   the event's own.
-- false-positives: Quiet accounts and regions have few events on weekends; a region that nobody
--   uses may have none.
-- next: For a hole, ingest that day's folder again (what is known is skipped). If it stays, look
--   for StopLogging with logging-tampering.
-- tags: inventory, coverage, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT CAST(eventTime AS date) AS event_day,
  coalesce(recipientAccountId, _source_account, 'unknown') AS account,
  coalesce(_source_region, 'unknown') AS log_region,
  count(*) AS events,
  count(DISTINCT _source) AS files,
  min(eventTime) AS first_event,
  max(eventTime) AS last_event
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY CAST(eventTime AS date), coalesce(recipientAccountId, _source_account, 'unknown'),
  coalesce(_source_region, 'unknown')
ORDER BY event_day, account, log_region
