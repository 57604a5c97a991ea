-- name: credentials-from-many-addresses
-- title: Credentials used from many addresses
-- description: Access keys, long-term ones and those of sessions, that were used from several
--   addresses. A session's key is handed to one machine; when it shows up at a second address it was
--   copied there, or the machine moved. AWS services that use a key on its owner's behalf are not
--   counted.
-- severity: medium
-- technique: T1078.004, T1552.005
-- false-positives: Laptops that change networks, large NAT gateways with several addresses, calls
--   through a VPC endpoint (a private address) beside calls over the internet.
-- next: Compare the addresses: same company or same provider? If one is strange, take it to
--   address-timeline, disable the key (or revoke the role's sessions), then ask.
-- tags: network, identity, anomaly, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_addresses: integer = 3
--     Fewest addresses of a key that is listed.
WITH used AS (
  SELECT userIdentity.accessKeyId AS access_key,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    sourceIPAddress, awsRegion,
    count(*) AS calls,
    count(errorCode) AS errors,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.accessKeyId IS NOT NULL AND userIdentity.accessKeyId <> ''
    AND (strpos(sourceIPAddress, ':') > 0 OR lower(sourceIPAddress) = upper(sourceIPAddress))
  GROUP BY 1, 2, 3, 4
)
SELECT access_key,
  min(actor) AS actor,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS address_list,
  sum(calls) AS calls,
  sum(errors) AS errors,
  count(DISTINCT awsRegion) AS regions,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM used
GROUP BY access_key
HAVING count(DISTINCT sourceIPAddress) >= :min_addresses
ORDER BY addresses DESC, calls DESC, access_key
