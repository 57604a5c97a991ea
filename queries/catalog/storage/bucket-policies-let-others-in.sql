-- name: bucket-policies-let-others-in
-- title: Bucket policies that let others in
-- description: Bucket policies that name an account other than the bucket's own, or everybody
--   ("*"). let_in lists them. The simplest way to carry data out: let your own account in, and
--   copy. A statement that denies everybody is listed too: read the policy.
-- severity: high
-- technique: T1537, T1530
-- apis: PutBucketPolicy
-- false-positives: Vendors and accounts of your organization: put them into known_accounts.
--   Policies that deny everybody without TLS.
-- next: Whose account is it? Set the policy back; cross-account-object-reads shows what was
--   fetched.
-- tags: storage, s3, cross-account, exfiltration
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
WITH written AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(requestParameters, 'bucketName') AS bucket,
    element_at(requestParameters, 'bucketPolicy') AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 's3.amazonaws.com'
    AND eventName = 'PutBucketPolicy'
),
named AS (
  SELECT w.*,
    array_sort(array_distinct(filter(
      regexp_extract_all(document, '(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]', 1)
        || regexp_extract_all(document, '"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"', 1),
      a -> a <> recipientAccountId AND a NOT IN (:known_accounts)))) AS let_in
  FROM written w
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  bucket,
  let_in,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE cardinality(let_in) > 0
ORDER BY event_time DESC, event_id
