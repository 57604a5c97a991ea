-- name: kms-key-policies-open
-- title: KMS key policies that let others in
-- description: Key policies that name an account other than the key's own, or everybody. let_in
--   lists them. With it another account can decrypt what the key protects; a policy that names only
--   another account locks you out: the first step of extortion.
-- severity: high
-- technique: T1098, T1486
-- apis: PutKeyPolicy
-- false-positives: Keys shared within the organization: put those accounts into known_accounts. A
--   "*" that a condition narrows to a service or an organization.
-- next: Set the policy back. If you are locked out, AWS support is the only way.
-- tags: keys, kms, cross-account
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
    element_at(requestParameters, 'keyId') AS key_id,
    element_at(requestParameters, 'policy') AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'kms.amazonaws.com'
    AND eventName = 'PutKeyPolicy'
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
  key_id,
  let_in,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE cardinality(let_in) > 0
ORDER BY event_time DESC, event_id
