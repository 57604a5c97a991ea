-- name: log-groups-deleted
-- title: CloudWatch logs deleted or kept for a short time
-- description: Who deleted a log group or a stream, set a retention of max_days or fewer, or
--   deleted a subscription, by which logs leave for elsewhere. Logs of systems and functions live
--   here, and often a copy of CloudTrail. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.008, T1070
-- apis: DeleteLogGroup, DeleteLogStream, PutRetentionPolicy, DeleteSubscriptionFilter,
--   DeleteDestination, DeleteMetricFilter
-- false-positives: Test environments that are torn down with their logs; a rule of the company for
--   cheap logs.
-- next: Is a log group with an audit purpose among them? What was deleted is gone; look for copies
--   in S3.
-- tags: logging, cloudwatch, defense-evasion
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   max_days: integer = 7
--     Longest retention in days that is listed.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'logGroupName'), element_at(requestParameters, 'destinationName')) AS log_group,
  element_at(requestParameters, 'logStreamName') AS log_stream,
  element_at(requestParameters, 'retentionInDays') AS retention_days,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'logs.amazonaws.com'
  AND (eventName IN ('DeleteLogGroup', 'DeleteLogStream', 'DeleteSubscriptionFilter', 'DeleteDestination', 'DeleteMetricFilter')
    OR (eventName = 'PutRetentionPolicy' AND TRY_CAST(element_at(requestParameters, 'retentionInDays') AS bigint) <= :max_days))
ORDER BY event_time DESC, event_id
