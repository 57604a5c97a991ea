-- name: trail-event-selectors-changed
-- title: What a trail records was changed
-- description: Who changed the event selectors or insights of a trail, and whether the new ones
--   leave management events out (narrowed: no management events, reads or writes only, services
--   excluded, or advanced selectors without the management category). A trail that goes on running
--   and records nothing of interest is harder to notice than one that is stopped. Rows with an
--   error are attempts.
-- severity: high
-- technique: T1562.008
-- apis: PutEventSelectors, PutInsightSelectors
-- false-positives: Data events that are switched on or off to save money; KMS and the RDS Data API
--   excluded as noise.
-- next: For narrowed = yes, set the selectors back (aws cloudtrail put-event-selectors), then read
--   principal-timeline of the actor.
-- tags: logging, cloudtrail, defense-evasion, cis
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
  coalesce(element_at(requestParameters, 'trailName'), element_at(requestParameters, 'eventDataStore')) AS trail,
  CASE WHEN element_at(requestParameters, 'eventSelectors') LIKE '%"includeManagementEvents":false%'
      OR element_at(requestParameters, 'eventSelectors') LIKE '%"readWriteType":"ReadOnly"%'
      OR element_at(requestParameters, 'eventSelectors') LIKE '%"readWriteType":"WriteOnly"%'
      OR element_at(requestParameters, 'eventSelectors') LIKE '%"excludeManagementEventSources":["%'
      OR element_at(requestParameters, 'insightSelectors') = '[]'
      OR (element_at(requestParameters, 'advancedEventSelectors') NOT LIKE '%"Management"%'
        AND element_at(requestParameters, 'advancedEventSelectors') <> '[]')
    THEN 'yes' ELSE 'no' END AS narrowed,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName IN ('PutEventSelectors', 'PutInsightSelectors')
ORDER BY event_time DESC, event_id
