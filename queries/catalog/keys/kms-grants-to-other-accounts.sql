-- name: kms-grants-to-other-accounts
-- title: KMS grants to other accounts
-- description: Grants on a key whose grantee belongs to an account other than the caller's. Grants
--   are not in the key policy and are seldom looked at; one for Decrypt opens what the key
--   protects. Grants made by AWS services are left out. Rows with an error are attempts.
-- severity: high
-- technique: T1098
-- apis: CreateGrant
-- false-positives: Shared snapshots and images within the organization: put those accounts into
--   known_accounts.
-- next: Retire the grant (aws kms revoke-grant) if nobody knows the account.
-- tags: keys, kms, cross-account, persistence
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  element_at(requestParameters, 'keyId') AS key_id,
  element_at(requestParameters, 'granteePrincipal') AS grantee,
  element_at(requestParameters, 'operations') AS operations,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'kms.amazonaws.com'
  AND eventName = 'CreateGrant'
  AND regexp_like(element_at(requestParameters, 'granteePrincipal'), '^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:')
  AND split_part(element_at(requestParameters, 'granteePrincipal'), ':', 5) <> recipientAccountId
  AND split_part(element_at(requestParameters, 'granteePrincipal'), ':', 5) NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
