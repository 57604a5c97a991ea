-- name: centralized-root-access
-- title: Root access from the management account
-- description: Who opened a short root session in a member account (AssumeRoot), and who switched
--   that feature on or off. It may unlock buckets and queues and remove root credentials; nobody
--   should need it often. Rows with an error are attempts.
-- severity: high
-- technique: T1548.005, T1078.004
-- apis: AssumeRoot, EnableOrganizationsRootCredentialsManagement, EnableOrganizationsRootSessions,
--   DisableOrganizationsRootCredentialsManagement, DisableOrganizationsRootSessions
-- false-positives: The removal of root credentials from all accounts, once.
-- next: Which task, which account? Read access-key-timeline of issued_key.
-- tags: identity, root, organizations
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
  element_at(requestParameters, 'targetPrincipal') AS target_account,
  json_extract_scalar(element_at(requestParameters, 'taskPolicyArn'), '$.arn') AS task_policy,
  json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') AS issued_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot')
    OR (eventSource = 'iam.amazonaws.com' AND eventName IN ('EnableOrganizationsRootCredentialsManagement', 'EnableOrganizationsRootSessions',
        'DisableOrganizationsRootCredentialsManagement', 'DisableOrganizationsRootSessions')))
ORDER BY event_time DESC, event_id
