-- name: services-no-longer-used
-- title: Services that a principal no longer uses
-- description: Services that a user or role has called before, and not any more for the days
--   given, counted back from the newest event of the store. Permissions for them can go. Where
--   principal_last_used is as old, the whole principal seems to be unused.
-- severity: info
-- false-positives: Tasks that run once a year. Denied calls do not count as use. What was never
--   called at all is not here: compare the role's policies with role-policy-skeletons.
-- next: Take the service out of the principal's policies, or the principal out of the account
--   (aws iam generate-service-last-accessed-details tells the last year).
-- tags: identity, iam, least-privilege, inventory
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   days: integer = 90
--     Days without a call.
WITH used AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource AS event_source,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT eventName) AS actions,
    max(eventTime) AS last_used
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.type IN ('IAMUser', 'AssumedRole', 'FederatedUser')
    AND NOT coalesce((errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'), false)
  GROUP BY 1, 2, 3
),
active AS (
  SELECT *, max(last_used) OVER (PARTITION BY account, principal) AS principal_last_used, max(last_used) OVER () AS newest
  FROM used
)
SELECT account,
  principal,
  event_source,
  calls,
  actions,
  last_used,
  date_diff('day', last_used, newest) AS unused_days,
  principal_last_used
FROM active
WHERE date_diff('day', last_used, newest) >= :days
ORDER BY unused_days DESC, principal, event_source, account
