-- name: failed-console-logins
-- title: Failed console sign-ins by address
-- description: Addresses from which sign-ins to the console failed, with the users that were tried
--   and how many sign-ins from the same address worked. Many users and few failures each is password
--   spraying; many failures for one user and then a success is a guessed password. CloudTrail hides
--   a user name that does not exist, because people type passwords into that field.
-- severity: medium
-- technique: T1110.001, T1110.003, T1110.004
-- apis: ConsoleLogin
-- false-positives: People who forgot their password: one user, a few failures, then a success,
--   from an office or home address.
-- next: If the address also has successes, take it to address-timeline. Otherwise check that the
--   users have MFA.
-- tags: identity, console, brute-force
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_failures: integer = 1
--     Fewest failures of an address that is listed.
SELECT sourceIPAddress AS address,
  count(CASE WHEN errorMessage IS NOT NULL OR element_at(responseElements, 'ConsoleLogin') = 'Failure' THEN 1 END) AS failures,
  count(CASE WHEN element_at(responseElements, 'ConsoleLogin') = 'Success' THEN 1 END) AS successes,
  count(DISTINCT CASE WHEN errorMessage IS NOT NULL OR element_at(responseElements, 'ConsoleLogin') = 'Failure'
    THEN coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId, 'unknown') END) AS users_tried,
  min(CASE WHEN errorMessage IS NOT NULL OR element_at(responseElements, 'ConsoleLogin') = 'Failure'
    THEN coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId, 'unknown') END) AS a_user,
  min(errorMessage) AS a_reason,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'ConsoleLogin'
GROUP BY sourceIPAddress
HAVING count(CASE WHEN errorMessage IS NOT NULL OR element_at(responseElements, 'ConsoleLogin') = 'Failure' THEN 1 END) >= :min_failures
ORDER BY failures DESC, address
