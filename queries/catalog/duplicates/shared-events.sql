-- name: shared-events
-- title: One action, delivered to several accounts
-- description: Lists actions whose record was delivered to more than one account: somebody in one
--   account assumed a role, used a key or read an object of another. Each account gets a record of
--   its own, with its own eventID; the records share one sharedEventID. A count of actions over a
--   store with several accounts counts them more than once. For an investigation they are a gift:
--   the record in the caller's account says who it was, the one in the owner's account says what was
--   touched.
-- false-positives: Access between accounts of one organization and calls by AWS services on your
--   behalf are normal. An account of yours whose logs are not in this store is missing from the
--   list.
-- next: Read both records: SELECT * … WHERE sharedEventID = '…'. If an account of the list is not
--   one of yours, find out whose it is and which resource policy or role lets it in.
-- tags: duplicates, cross-account
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT min(eventTime) AS event_time,
  min(eventSource) AS event_source,
  min(eventName) AS event_name,
  coalesce(max(userIdentity.arn), max(userIdentity.invokedBy), max(userIdentity.principalId)) AS caller,
  max(userIdentity.accountId) AS caller_account,
  array_agg(DISTINCT recipientAccountId ORDER BY recipientAccountId) AS accounts,
  count(DISTINCT eventID) AS records,
  array_agg(DISTINCT eventID ORDER BY eventID) AS event_ids,
  sharedEventID AS shared_event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sharedEventID IS NOT NULL
  AND coalesce(eventCategory, 'Management') <> 'Insight'
GROUP BY sharedEventID
HAVING count(DISTINCT recipientAccountId) > 1
ORDER BY event_time DESC, shared_event_id
LIMIT :limit
