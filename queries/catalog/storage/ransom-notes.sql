-- name: ransom-notes
-- title: Objects named like a ransom note
-- description: Objects that were written to S3 under names that extortionists give to their notes,
--   or with endings that they give to what they encrypted. Needs data events of S3 in the store.
--   Rows with an error are attempts.
-- severity: critical
-- technique: T1486, T1491
-- apis: PutObject, CopyObject
-- false-positives: Samples of a security team; recovery handbooks.
-- next: Read the object. If it is a note: sse-c-used, objects-deleted-in-bulk, kms-keys-disabled
--   show what was done.
-- tags: storage, s3, impact, ransomware, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  element_at(requestParameters, 'bucketName') AS bucket,
  element_at(requestParameters, 'key') AS object_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutObject', 'CopyObject')
  AND regexp_like(lower(element_at(requestParameters, 'key')),
    '(ransom|(how[-_ ]?to|readme[-_ ]?to|instructions[-_ ]?to)[-_ ]?(decrypt|restore|recover)|(decrypt|restore|recover)[-_ ]?(my|your)?[-_ ]?files|files[-_ ]?encrypted|[.](encrypted|locked|crypt)\z)')
ORDER BY event_time DESC, event_id
