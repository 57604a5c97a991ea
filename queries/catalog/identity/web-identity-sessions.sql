-- name: web-identity-sessions
-- title: Sessions through identity providers
-- description: Who came in through a SAML or OpenID Connect provider (people through the company's
--   directory, GitHub Actions, clusters): role, provider, subject, how often, how often in vain,
--   from how many addresses. A subject of a repository or a cluster that is not yours means that
--   the role's trust policy is too wide.
-- technique: T1078.004
-- apis: AssumeRoleWithWebIdentity, AssumeRoleWithSAML
-- false-positives: None: it lists what there is.
-- next: Check subjects that you do not know; make the condition on "sub" in the role's trust policy
--   as narrow as possible.
-- tags: identity, federation, sts
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  element_at(requestParameters, 'roleArn') AS role_arn,
  coalesce(userIdentity.identityProvider, element_at(requestParameters, 'principalArn')) AS provider,
  coalesce(userIdentity.userName, userIdentity.principalId, 'unknown') AS subject,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS sessions,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sts.amazonaws.com'
  AND eventName IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML')
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, role_arn, subject, provider, account
