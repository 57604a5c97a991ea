-- name: cross-account-object-reads
-- title: Objects read and changed by other accounts
-- description: Principals of other accounts, or nobody in particular (anonymous), that read or
--   changed objects: by bucket, caller's account and action, with the bytes that left. Needs data
--   events of S3 in the store. AWS services are left out.
-- severity: medium
-- technique: T1537, T1530
-- apis: GetObject, PutObject, DeleteObject, CopyObject, ListObjects
-- false-positives: Vendors and accounts of your organization: put them into known_accounts. Public
--   web sites, read by anonymous.
-- next: Whose account is it? bucket-policies-let-others-in shows who let it in.
-- tags: storage, s3, cross-account, exfiltration, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  element_at(requestParameters, 'bucketName') AS bucket,
  userIdentity.accountId AS caller_account,
  eventName AS event_name,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  CAST(sum(TRY_CAST(element_at(additionalEventData, 'bytesTransferredOut') AS double)) AS bigint) AS bytes_out,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND managementEvent = false
  AND userIdentity.accountId <> coalesce(element_at(filter(resources, r -> r.type = 'AWS::S3::Bucket'), 1).accountId, recipientAccountId)
  AND userIdentity.accountId NOT IN (:known_accounts)
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3, 4, 5
ORDER BY calls DESC, bucket, caller_account, event_name, account, region
