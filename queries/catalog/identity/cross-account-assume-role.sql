-- name: cross-account-assume-role
-- title: Roles assumed across accounts
-- description: Who assumed a role of another account: the caller's account, the role, how often,
--   how often in vain. This is how vendors get in, how administrators move between accounts, and how
--   an intruder does. A record is delivered to both accounts; a call whose two records are in the
--   store is counted once.
-- severity: low
-- technique: T1199, T1550.001
-- apis: AssumeRole
-- false-positives: Control Tower, deployment pipelines, security tooling of your own organization.
--   Calls by AWS services have no account of the caller and are left out.
-- next: Is every account in caller_account yours or a known vendor's? Put those into
--   trusted_accounts and look at what is left. For a strange one, read the role's trust policy, and
--   ask for an external id.
-- tags: identity, cross-account, sts, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   trusted_accounts: strings = ''
--     Account ids to leave out as callers, separated by commas.
WITH assumed AS (
  SELECT DISTINCT coalesce(sharedEventID, eventID) AS call_id,
    eventTime, sourceIPAddress, errorCode,
    userIdentity.accountId AS caller_account,
    element_at(requestParameters, 'roleArn') AS role_arn
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'sts.amazonaws.com'
    AND eventName = 'AssumeRole'
    AND userIdentity.accountId NOT IN (:trusted_accounts)
)
SELECT caller_account,
  role_arn,
  count(DISTINCT call_id) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN call_id END) AS failures,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(sourceIPAddress) AS an_address,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM assumed
WHERE strpos(role_arn, '::') > 0
  AND substr(role_arn, strpos(role_arn, '::') + 2, 12) <> caller_account
GROUP BY caller_account, role_arn
ORDER BY calls DESC, caller_account, role_arn
