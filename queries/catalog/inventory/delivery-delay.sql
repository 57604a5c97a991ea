-- name: delivery-delay
-- title: Records that were delivered late
-- description: How long records took from the event to the file that CloudTrail delivered, by
--   day, account and region: how many came later than the minutes given, and which. The moment
--   of delivery is the one in the file's name, in steps of minutes. AWS speaks of about five
--   minutes and promises nothing. A detection that looks at the last hour does not see what
--   comes later than that.
-- false-positives: Records that CloudTrail gave in again carry a reason: corrected-records. A
--   file that was given another name tells nothing and is left out.
-- next: Let schedules look back further than the longest delay, or run them later. Many late
--   records of one account: is its trail's bucket policy or key in order?
-- tags: inventory, coverage, quality
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   minutes: integer = 30
--     Records later than this many minutes are late.
WITH delivered AS (
  SELECT coalesce(recipientAccountId, _source_account, 'unknown') AS account,
    coalesce(_source_region, 'unknown') AS log_region,
    CAST(eventTime AS date) AS event_day,
    eventTime, eventName, eventID,
    date_diff('minute', eventTime, date_parse(regexp_extract(_source, '_([0-9]{8}T[0-9]{4})Z_[A-Za-z0-9]+[.]json', 1), '%Y%m%dT%H%i')) AS minutes
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND regexp_like(_source, '_[0-9]{8}T[0-9]{4}Z_[A-Za-z0-9]+[.]json')
)
SELECT event_day,
  account,
  log_region,
  count(*) AS records,
  count_if(minutes > :minutes) AS late,
  max(minutes) AS longest_minutes,
  array_agg(DISTINCT eventName ORDER BY eventName) FILTER (WHERE minutes > :minutes) AS late_event_names,
  min(CASE WHEN minutes > :minutes THEN eventID END) AS a_late_event_id
FROM delivered
GROUP BY event_day, account, log_region
HAVING count_if(minutes > :minutes) > 0
ORDER BY event_day DESC, account, log_region
