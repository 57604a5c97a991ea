-- name: objects-downloaded-in-bulk
-- title: Many objects fetched within an hour
-- description: Principals that fetched min_objects or more objects of one bucket within one hour of
--   the clock, with the bytes that left. Needs data events of S3 in the store. Calls by AWS
--   services on somebody's behalf are left out.
-- severity: medium
-- technique: T1530
-- apis: GetObject
-- false-positives: Applications, backups and analyses, whose numbers are the same every day:
--   compare with the day before.
-- next: Is the address known (address-timeline)? What did the principal do before:
--   principal-timeline.
-- tags: storage, s3, exfiltration, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_objects: integer = 1000
--     Fewest objects in an hour that are listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  element_at(requestParameters, 'bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT element_at(requestParameters, 'key')) AS objects,
  count(*) AS calls,
  CAST(sum(TRY_CAST(element_at(additionalEventData, 'bytesTransferredOut') AS double)) AS bigint) AS bytes_out,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND errorCode IS NULL
  AND userIdentity.invokedBy IS NULL
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT element_at(requestParameters, 'key')) >= :min_objects
ORDER BY event_hour DESC, objects DESC, bucket, principal, account, region
