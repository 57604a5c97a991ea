-- name: role-trusts-other-accounts
-- title: Roles that trust other accounts or everybody
-- description: Trust policies of roles, new or changed, that name an account other than the role's
--   own, or everybody ("*"). Whoever can write a trust policy can let an account of theirs in, and
--   stays in when all keys are changed. trusted lists the accounts named.
-- severity: high
-- technique: T1098, T1199
-- apis: CreateRole, UpdateAssumeRolePolicy
-- false-positives: Roles for vendors and for other accounts of your organization: put those into
--   known_accounts. A "*" that a condition on the organization narrows.
-- next: Whose account is it? If nobody knows, set the trust policy back, revoke the role's
--   sessions, and read role-sessions.
-- tags: identity, iam, cross-account, persistence
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be trusted, separated by commas.
WITH trust AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(requestParameters, 'roleName') AS role_name,
    coalesce(element_at(requestParameters, 'assumeRolePolicyDocument'), element_at(requestParameters, 'policyDocument')) AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'iam.amazonaws.com'
    AND eventName IN ('CreateRole', 'UpdateAssumeRolePolicy')
),
named AS (
  SELECT t.*,
    array_sort(array_distinct(filter(
      regexp_extract_all(document, '(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]', 1)
        || regexp_extract_all(document, '"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"', 1),
      a -> a <> recipientAccountId AND a NOT IN (:known_accounts)))) AS trusted
  FROM trust t
  WHERE regexp_like(document, '[0-9]{12}|"[*]"')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  role_name,
  trusted,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE cardinality(trusted) > 0
ORDER BY event_time DESC, event_id
