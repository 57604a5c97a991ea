-- name: images-shared
-- title: Machine images shared
-- description: Who let another account, an organization or everybody (group all) start machines
--   from an image: its disks go along. Rows with an error are attempts.
-- severity: high
-- technique: T1537
-- apis: ModifyImageAttribute
-- false-positives: Base images for the accounts of your organization.
-- next: Take the permission away (aws ec2 reset-image-attribute); secrets on the image are known
--   now.
-- tags: storage, ami, ec2, exfiltration
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
  element_at(requestParameters, 'imageId') AS image,
  json_format(json_extract(element_at(requestParameters, 'launchPermission'), '$.add.items')) AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'ModifyImageAttribute'
  AND json_extract(element_at(requestParameters, 'launchPermission'), '$.add') IS NOT NULL
ORDER BY event_time DESC, event_id
