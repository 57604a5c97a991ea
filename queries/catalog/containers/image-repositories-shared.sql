-- name: image-repositories-shared
-- title: Image repositories shared with others
-- description: Policies of image repositories (ECR) that name another account, or everybody
--   ("*"). Whoever may pull has your code and what was built into it; whoever may push runs code
--   in your clusters. Rows with an error are attempts.
-- severity: high
-- technique: T1525, T1537
-- apis: SetRepositoryPolicy, PutRegistryPolicy
-- false-positives: Repositories shared within the organization: put those accounts into
--   known_accounts.
-- next: Read the policy: may they push? Delete it (aws ecr delete-repository-policy), compare
--   the digests of images with those that you built.
-- tags: containers, ecr, cross-account
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
WITH written AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(element_at(requestParameters, 'repositoryName'), 'registry') AS repository,
    coalesce(element_at(requestParameters, 'policyText'), element_at(requestParameters, 'policyTextContent')) AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ecr.amazonaws.com'
    AND eventName IN ('SetRepositoryPolicy', 'PutRegistryPolicy')
),
named AS (
  SELECT w.*,
    array_sort(array_distinct(filter(
      regexp_extract_all(document, '(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]', 1)
        || regexp_extract_all(document, '"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"', 1),
      a -> a <> recipientAccountId AND a NOT IN (:known_accounts)))) AS let_in
  FROM written w
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  repository,
  let_in,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE cardinality(let_in) > 0
ORDER BY event_time DESC, event_id
