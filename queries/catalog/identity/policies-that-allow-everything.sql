-- name: policies-that-allow-everything
-- title: Own policies that allow everything
-- description: Policies written by somebody, inline or managed, in which a statement has the action
--   "*" or "iam:*". They are administrators' policies under another name, and escape a search for
--   AdministratorAccess. A document whose only such statement denies is listed as well: read it.
--   Rows with an error are attempts.
-- severity: high
-- technique: T1098.003
-- apis: PutUserPolicy, PutGroupPolicy, PutRolePolicy, CreatePolicy, CreatePolicyVersion
-- false-positives: Permission boundaries and test accounts; a document that denies everything under
--   a condition.
-- next: Read the document in the event (SELECT element_at(requestParameters, 'policyDocument') …
--   WHERE eventID = …), and reduce the policy to what is needed: principal-timeline shows what its
--   principals do.
-- tags: identity, iam, privilege-escalation
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
  coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'groupName'), element_at(requestParameters, 'roleName'),
    element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'policyName')) AS target,
  element_at(requestParameters, 'policyName') AS policy_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('PutUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND regexp_like(replace(replace(replace(element_at(requestParameters, 'policyDocument'), ' '), chr(10)), chr(9)),
    '"Action":("(\*|iam:\*|\*:\*)"|\[([^]]*,)?"(\*|iam:\*|\*:\*)"[],])')
  AND strpos(replace(replace(replace(element_at(requestParameters, 'policyDocument'), ' '), chr(10)), chr(9)), '"Effect":"Allow"') > 0
ORDER BY event_time DESC, event_id
