-- name: eks-access-granted
-- title: Access to Kubernetes clusters granted
-- description: Who let a principal of IAM into an EKS cluster, with which groups or policy.
--   AmazonEKSClusterAdminPolicy and the group system:masters may do everything in the cluster;
--   an entry survives the change of every password and key. Rows with an error are attempts.
-- severity: medium
-- technique: T1098.006
-- apis: CreateAccessEntry, UpdateAccessEntry, AssociateAccessPolicy
-- false-positives: Pipelines and operators that are set up.
-- next: Delete the entry (aws eks delete-access-entry). Look in the cluster's audit log for what
--   the principal did.
-- tags: containers, eks, persistence, privilege-escalation
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
  coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'clusterName')) AS cluster,
  element_at(requestParameters, 'principalArn') AS let_in,
  coalesce(element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'kubernetesGroups')) AS granted,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'eks.amazonaws.com'
  AND eventName IN ('CreateAccessEntry', 'UpdateAccessEntry', 'AssociateAccessPolicy')
ORDER BY event_time DESC, event_id
