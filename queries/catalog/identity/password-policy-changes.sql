-- name: password-policy-changes
-- title: Changes to the password policy
-- description: Who changed or deleted the account's rules for passwords, and to what. A deleted
--   policy leaves eight characters and no expiry. Rows with an error are attempts.
-- severity: medium
-- technique: T1556
-- apis: UpdateAccountPasswordPolicy, DeleteAccountPasswordPolicy
-- false-positives: The base line that infrastructure code sets in each account.
-- next: Compare with your rules, and set them back. Users may have set weak passwords meanwhile.
-- tags: identity, passwords, cis
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
  element_at(requestParameters, 'minimumPasswordLength') AS min_length,
  element_at(requestParameters, 'maxPasswordAge') AS max_age,
  element_at(requestParameters, 'passwordReusePrevention') AS reuse_prevention,
  element_at(requestParameters, 'requireSymbols') AS symbols,
  element_at(requestParameters, 'requireNumbers') AS numbers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
ORDER BY event_time DESC, event_id
