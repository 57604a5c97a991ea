-- name: secrets-shared
-- title: Secrets shared with others
-- description: Policies of secrets that name an account other than the secret's own, or everybody.
--   Whoever is let in reads the secret, and each new value after a rotation.
-- severity: high
-- technique: T1555.006, T1098
-- apis: PutResourcePolicy
-- false-positives: Secrets shared within the organization: put those accounts into known_accounts.
-- next: Delete the policy (aws secretsmanager delete-resource-policy), then rotate the secret.
-- tags: keys, secrets, cross-account, credential-access
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
    element_at(requestParameters, 'secretId') AS secret,
    element_at(requestParameters, 'resourcePolicy') AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'secretsmanager.amazonaws.com'
    AND eventName = 'PutResourcePolicy'
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
  secret,
  let_in,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE cardinality(let_in) > 0
ORDER BY event_time DESC, event_id
