-- name: role-policy-skeletons
-- title: The policy that a role needs, as far as it was used
-- description: For each role the actions that it called with success, as the skeleton of a
--   policy that allows these and no more, and the actions that it was denied. The way from a
--   role that may do everything to one that may do what it does. Take a time that covers its
--   rare tasks too: month ends, disasters.
-- false-positives: Actions that CloudTrail does not log are missing: data events where the trail
--   leaves them out, and permissions without a call of their own, such as iam:PassRole. The
--   names of a few actions differ from those of the calls; the common ones are put right.
--   Resources are left open.
-- next: Name the resources, add iam:PassRole where machines or functions are made, and check the
--   policy with IAM Access Analyzer before it takes the place of the old one.
-- tags: identity, iam, least-privilege
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   role: string = ''
--     ARN of one role, such as arn:aws:iam::111122223333:role/admin; empty for all.
WITH used AS (
  SELECT recipientAccountId AS account,
    userIdentity.sessionContext.sessionIssuer.arn AS role,
    CASE regexp_replace(eventSource, '[.]amazonaws[.]com$', '')
      WHEN 'monitoring' THEN 'cloudwatch'
      WHEN 'email' THEN 'ses'
      ELSE regexp_replace(eventSource, '[.]amazonaws[.]com$', '')
    END || ':' || CASE
      WHEN eventSource = 's3.amazonaws.com' AND eventName IN ('ListObjects', 'ListObjectsV2', 'HeadBucket') THEN 'ListBucket'
      WHEN eventSource = 's3.amazonaws.com' AND eventName = 'HeadObject' THEN 'GetObject'
      WHEN eventSource = 'lambda.amazonaws.com' AND eventName = 'Invoke' THEN 'InvokeFunction'
      ELSE regexp_replace(eventName, '20[0-9]{6}(v[0-9]+)?$', '')
    END AS action,
    coalesce((errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'), false) AS denied,
    eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.sessionContext.sessionIssuer.type = 'Role'
    AND (:role = '' OR userIdentity.sessionContext.sessionIssuer.arn = :role)
    AND eventType = 'AwsApiCall'
)
SELECT account,
  role,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN NOT denied THEN action END) AS actions,
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["'
    || array_join(array_agg(DISTINCT action ORDER BY action) FILTER (WHERE NOT denied), '","')
    || '"],"Resource":"*"}]}' AS policy,
  array_agg(DISTINCT action ORDER BY action) FILTER (WHERE denied) AS denied_actions
FROM used
GROUP BY account, role
HAVING count_if(NOT denied) > 0
ORDER BY actions DESC, role, account
