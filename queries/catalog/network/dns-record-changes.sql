-- name: dns-record-changes
-- title: Changes to DNS records
-- description: Records of Route 53 that were made, changed or deleted, one row for each: zone,
--   action, name, type. A record that leads a name of yours to another's machine takes over logins
--   and mail; a forgotten one for a deleted resource is for anybody to claim.
-- severity: medium
-- technique: T1584.002
-- apis: ChangeResourceRecordSets
-- false-positives: Certificates (names that begin with _ and end in acm-validations), load
--   balancers and clusters that keep their names.
-- next: Check MX, NS and names of logins first. resource-timeline with the zone shows its history.
-- tags: network, dns, route53
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(requestParameters, 'hostedZoneId') AS zone,
    element_at(requestParameters, 'changeBatch') AS batch
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'route53.amazonaws.com'
    AND eventName = 'ChangeResourceRecordSets'
)
SELECT c.eventTime AS event_time,
  c.recipientAccountId AS account,
  c.awsRegion AS region,
  c.actor,
  c.sourceIPAddress AS address,
  c.zone,
  json_extract_scalar(u.change, '$.action') AS action,
  json_extract_scalar(u.change, '$.resourceRecordSet.name') AS record_name,
  json_extract_scalar(u.change, '$.resourceRecordSet.type') AS record_type,
  coalesce(json_format(json_extract(u.change, '$.resourceRecordSet.resourceRecords')),
    json_extract_scalar(u.change, '$.resourceRecordSet.aliasTarget.dNSName')) AS record_value,
  c.errorCode AS error,
  c.eventID AS event_id
FROM changed c
CROSS JOIN UNNEST(TRY_CAST(json_extract(c.batch, '$.changes') AS array(json))) AS u (change)
ORDER BY event_time DESC, event_id, record_name, record_type, action
