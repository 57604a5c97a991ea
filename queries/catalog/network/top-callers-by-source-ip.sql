-- name: top-callers-by-source-ip
-- title: Top callers by source IP
-- description: Who calls from where: for each address the calls, how many principals and services
--   they concern, the errors, and when it was first and last seen. The most active addresses come
--   first; below them, apart, the callers that are no addresses: AWS services that call on your
--   behalf (such as cloudformation.amazonaws.com) and "AWS Internal". address_type tells them apart.
--   A role counts as one principal however many sessions it has.
--
--   An address that nobody knows, one with several principals, or one with a high share of errors
--   deserves a look before the busiest one does: that is usually your own NAT gateway.
-- false-positives: NAT gateways, VPNs and CI runners carry many principals. Addresses 10.x,
--   172.16-31.x and 192.168.x come through VPC endpoints, so they are addresses of your own networks
--   (or those of whoever owns the endpoint). Copies of global events count each time: see
--   global-event-duplicates.
-- next: Take an unknown address to address-timeline. Is it an office, a VPN, a NAT gateway, a CI
--   provider? Look it up (whois) before blocking it.
-- tags: network, triage, top
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 20
--     Rows at most of addresses, and as many of AWS's own callers.
WITH per_address AS (
  SELECT sourceIPAddress AS address,
    CASE
      WHEN sourceIPAddress IS NULL THEN 'none'
      WHEN starts_with(sourceIPAddress, 'AWS Internal') THEN 'AWS Internal'
      WHEN strpos(sourceIPAddress, ':') > 0 THEN 'IPv6'
      WHEN lower(sourceIPAddress) <> upper(sourceIPAddress) THEN 'AWS service'
      ELSE 'IPv4'
    END AS address_type,
    count(*) AS calls,
    count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
    count(DISTINCT eventSource) AS services,
    count(errorCode) AS errors,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
  GROUP BY sourceIPAddress
),
ranked AS (
  SELECT address, address_type, calls, principals, services, errors, first_seen, last_seen,
    CASE WHEN address_type IN ('IPv4', 'IPv6') THEN 1 ELSE 2 END AS part,
    row_number() OVER (
      PARTITION BY CASE WHEN address_type IN ('IPv4', 'IPv6') THEN 1 ELSE 2 END
      ORDER BY calls DESC, address) AS place
  FROM per_address
)
SELECT address, address_type, calls, principals, services, errors, first_seen, last_seen
FROM ranked
WHERE place <= :limit
ORDER BY part, calls DESC, address
