-- name: policy-default-version-changed
-- title: Another version of a policy made valid
-- description: Who made another version of a managed policy the valid one, by
--   SetDefaultPolicyVersion or with a new version. An old version with more rights may lie dormant
--   among the five that IAM keeps; making it valid escalates rights without a new text. Rows with
--   an error are attempts.
-- severity: medium
-- technique: T1098.003
-- apis: SetDefaultPolicyVersion, CreatePolicyVersion
-- false-positives: Deployments that update policies: they make a new version and make it valid at
--   once.
-- next: SetDefaultPolicyVersion by a person is rare: compare the two versions (aws iam
--   get-policy-version).
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
  element_at(requestParameters, 'policyArn') AS policy_arn,
  coalesce(element_at(requestParameters, 'versionId'), json_extract_scalar(element_at(responseElements, 'policyVersion'), '$.versionId')) AS version,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND (eventName = 'SetDefaultPolicyVersion'
    OR (eventName = 'CreatePolicyVersion' AND element_at(requestParameters, 'setAsDefault') = 'true'))
ORDER BY event_time DESC, event_id
