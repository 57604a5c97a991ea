WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    json_extract_string(requestParameters, '$.hostedZoneId') AS zone,
    from_json(json_extract(requestParameters, '$.changeBatch.changes'), '["JSON"]') AS changes
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
  json_extract_string(u.change, '$.action') AS action,
  json_extract_string(u.change, '$.resourceRecordSet.name') AS record_name,
  json_extract_string(u.change, '$.resourceRecordSet.type') AS record_type,
  coalesce(json_extract(u.change, '$.resourceRecordSet.resourceRecords')::VARCHAR,
    json_extract_string(u.change, '$.resourceRecordSet.aliasTarget.dNSName')) AS record_value,
  c.errorCode AS error,
  c.eventID AS event_id
FROM changed c
CROSS JOIN unnest(c.changes) AS u (change)
ORDER BY event_time DESC, event_id, record_name, record_type, action
