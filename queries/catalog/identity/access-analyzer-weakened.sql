-- name: access-analyzer-weakened
-- title: Access Analyzer deleted or told to be silent
-- description: Who deleted an analyzer of IAM Access Analyzer, or made or changed rules that
--   archive its findings. It is what tells you of a role or a bucket that is open to strangers;
--   whoever opens one would rather it did not. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.001
-- apis: DeleteAnalyzer, CreateArchiveRule, UpdateArchiveRule, ApplyArchiveRule, UpdateFindings
-- false-positives: Regions that are given up; rules that were agreed upon for known vendors.
-- next: Make the analyzer again; look at archived findings and at the rule's filter.
-- tags: identity, access-analyzer, defense-evasion
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
  coalesce(element_at(requestParameters, 'analyzerName'), element_at(requestParameters, 'analyzerArn')) AS analyzer,
  element_at(requestParameters, 'ruleName') AS rule_name,
  element_at(requestParameters, 'status') AS status,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'access-analyzer.amazonaws.com'
  AND (eventName IN ('DeleteAnalyzer', 'CreateArchiveRule', 'UpdateArchiveRule', 'ApplyArchiveRule')
    OR (eventName = 'UpdateFindings' AND element_at(requestParameters, 'status') = 'ARCHIVED'))
ORDER BY event_time DESC, event_id
