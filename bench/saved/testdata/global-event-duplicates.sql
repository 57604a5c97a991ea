WITH repeated AS (
  SELECT eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventID IS NOT NULL
  GROUP BY eventID
  HAVING count(*) > 1
),
delivered AS (
  SELECT e.eventID, e.eventSource, e.eventTime,
    length(coalesce(e._raw, '{' || concat_ws(',', '"eventVersion":' || to_json(e.eventversion),
      '"userIdentity":' || CASE WHEN e.useridentity IS NOT NULL THEN '{' || concat_ws(',', '"type":' || to_json(e.useridentity.type),
      '"principalId":' || to_json(e.useridentity.principalid), '"arn":' || to_json(e.useridentity.arn),
      '"accountId":' || to_json(e.useridentity.accountid),
      '"accessKeyId":' || to_json(e.useridentity.accesskeyid),
      '"userName":' || to_json(e.useridentity.username),
      '"sessionContext":' || CASE WHEN e.useridentity.sessioncontext IS NOT NULL THEN '{' || concat_ws(',', '"sessionIssuer":' || CASE WHEN e.useridentity.sessioncontext.sessionissuer IS NOT NULL THEN '{' || concat_ws(',', '"type":' || to_json(e.useridentity.sessioncontext.sessionissuer.type),
      '"principalId":' || to_json(e.useridentity.sessioncontext.sessionissuer.principalid),
      '"arn":' || to_json(e.useridentity.sessioncontext.sessionissuer.arn),
      '"accountId":' || to_json(e.useridentity.sessioncontext.sessionissuer.accountid),
      '"userName":' || to_json(e.useridentity.sessioncontext.sessionissuer.username)) || '}' END,
      '"webIdFederationData":' || CASE WHEN e.useridentity.sessioncontext.webidfederationdata IS NOT NULL THEN '{' || concat_ws(',', '"federatedProvider":' || to_json(e.useridentity.sessioncontext.webidfederationdata.federatedprovider),
      '"attributes":' || e.useridentity.sessioncontext.webidfederationdata.attributes) || '}' END,
      '"attributes":' || CASE WHEN e.useridentity.sessioncontext.attributes IS NOT NULL THEN '{' || concat_ws(',', '"creationDate":' || strftime(e.useridentity.sessioncontext.attributes.creationdate,
      '"%Y-%m-%dT%H:%M:%SZ"'),
      '"mfaAuthenticated":' || to_json(e.useridentity.sessioncontext.attributes.mfaauthenticated)) || '}' END,
      '"sourceIdentity":' || to_json(e.useridentity.sessioncontext.sourceidentity),
      '"ec2RoleDelivery":' || to_json(e.useridentity.sessioncontext.ec2roledelivery),
      '"ec2IssuedInVpc":' || to_json(e.useridentity.sessioncontext.ec2issuedinvpc),
      '"assumedRoot":' || to_json(e.useridentity.sessioncontext.assumedroot),
      '"signInSessionArn":' || to_json(e.useridentity.sessioncontext.signinsessionarn)) || '}' END,
      '"invokedBy":' || to_json(e.useridentity.invokedby),
      '"invokedByDelegate":' || CASE WHEN e.useridentity.invokedbydelegate IS NOT NULL THEN '{' || concat_ws(',', '"accountId":' || to_json(e.useridentity.invokedbydelegate.accountid)) || '}' END,
      '"identityProvider":' || to_json(e.useridentity.identityprovider),
      '"onBehalfOf":' || CASE WHEN e.useridentity.onbehalfof IS NOT NULL THEN '{' || concat_ws(',', '"userId":' || to_json(e.useridentity.onbehalfof.userid),
      '"identityStoreArn":' || to_json(e.useridentity.onbehalfof.identitystorearn)) || '}' END,
      '"inScopeOf":' || CASE WHEN e.useridentity.inscopeof IS NOT NULL THEN '{' || concat_ws(',', '"sourceArn":' || to_json(e.useridentity.inscopeof.sourcearn),
      '"sourceAccount":' || to_json(e.useridentity.inscopeof.sourceaccount),
      '"issuerType":' || to_json(e.useridentity.inscopeof.issuertype),
      '"credentialsIssuedTo":' || to_json(e.useridentity.inscopeof.credentiaisissuedto)) || '}' END,
      '"credentialId":' || to_json(e.useridentity.credentialid)) || '}' END,
      '"eventTime":' || strftime(e.eventtime, '"%Y-%m-%dT%H:%M:%SZ"'),
      '"eventSource":' || to_json(e.eventsource), '"eventName":' || to_json(e.eventname),
      '"awsRegion":' || to_json(e.awsregion), '"sourceIPAddress":' || to_json(e.sourceipaddress),
      '"userAgent":' || to_json(e.useragent), '"errorCode":' || to_json(e.errorcode),
      '"errorMessage":' || to_json(e.errormessage), '"requestParameters":' || e.requestparameters,
      '"responseElements":' || e.responseelements, '"additionalEventData":' || e.additionaleventdata,
      '"requestID":' || to_json(e.requestid), '"eventID":' || to_json(e.eventid),
      '"readOnly":' || CAST(e.readonly AS VARCHAR),
      '"resources":' || '[' || array_to_string(list_transform(e.resources, lambda r : CASE WHEN r.arnfirst THEN '{' || concat_ws(',', '"ARN":' || to_json(r.arn),
      '"ARNPrefix":' || to_json(r.arnprefix), '"accountId":' || to_json(r.accountid),
      '"type":' || to_json(r.type)) || '}' ELSE '{' || concat_ws(',', '"accountId":' || to_json(r.accountid),
      '"type":' || to_json(r.type), '"ARN":' || to_json(r.arn),
      '"ARNPrefix":' || to_json(r.arnprefix)) || '}' END), ',') || ']', '"eventType":' || to_json(e.eventtype),
      '"apiVersion":' || to_json(e.apiversion), '"managementEvent":' || CAST(e.managementevent AS VARCHAR),
      '"recipientAccountId":' || to_json(e.recipientaccountid), '"sharedEventID":' || to_json(e.sharedeventid),
      '"serviceEventDetails":' || e.serviceeventdetails, '"annotation":' || to_json(e.annotation),
      '"vpcEndpointId":' || to_json(e.vpcendpointid),
      '"vpcEndpointAccountId":' || to_json(e.vpcendpointaccountid), '"addendum":' || e.addendum,
      '"insightDetails":' || e.insightdetails, '"eventCategory":' || to_json(e.eventcategory),
      '"edgeDeviceDetails":' || e.edgedevicedetails,
      '"tlsDetails":' || CASE WHEN e.tlsdetails IS NOT NULL THEN '{' || concat_ws(',', '"tlsVersion":' || to_json(e.tlsdetails.tlsversion),
      '"cipherSuite":' || to_json(e.tlsdetails.ciphersuite),
      '"clientProvidedHostHeader":' || to_json(e.tlsdetails.clientprovidedhostheader),
      '"keyExchange":' || to_json(e.tlsdetails.keyexchange)) || '}' END,
      '"sessionCredentialFromConsole":' || to_json(e.sessioncredentialfromconsole),
      '"eventContext":' || e.eventcontext) || '}')) AS size,
    e._source_region AS log_region,
    CASE
      WHEN strpos(e._source, '/' || e._source_account || '/CloudTrail') > 1
        THEN substr(e._source, 1, strpos(e._source, '/' || e._source_account || '/CloudTrail') - 1)
      WHEN strpos(e._source, '/') > 0
        THEN substr(e._source, 1, length(e._source) - strpos(reverse(e._source), '/'))
      ELSE coalesce(e._source, 'unknown')
    END AS trail
  FROM $EDS_ID e
  JOIN repeated r ON r.eventID = e.eventID
  WHERE e.eventTime >= :since AND e.eventTime < :until
),
numbered AS (
  SELECT eventID, eventSource, eventTime, size, log_region, trail,
    row_number() OVER (PARTITION BY eventID ORDER BY size DESC, log_region, trail) AS nth,
    coalesce(min(log_region) OVER (PARTITION BY eventID) <> max(log_region) OVER (PARTITION BY eventID), false)
      AS several_regions,
    min(trail) OVER (PARTITION BY eventID) <> max(trail) OVER (PARTITION BY eventID) AS several_trails
  FROM delivered
)
SELECT eventSource AS event_source,
  CASE WHEN eventSource IN ('iam.amazonaws.com', 'sts.amazonaws.com', 'cloudfront.amazonaws.com')
    THEN 'global' ELSE 'other' END AS scope,
  count(DISTINCT eventID) AS events,
  count(*) AS copies,
  count(CASE WHEN nth > 1 THEN 1 END) AS extra_copies,
  CAST(sum(CASE WHEN nth > 1 THEN size ELSE 0 END) AS bigint) AS wasted_bytes,
  count(DISTINCT CASE WHEN several_regions THEN eventID END) AS events_in_several_regions,
  count(DISTINCT CASE WHEN several_trails THEN eventID END) AS events_in_several_trails,
  count(DISTINCT CASE WHEN NOT several_regions AND NOT several_trails THEN eventID END) AS events_delivered_again,
  array_agg(DISTINCT coalesce(log_region, 'unknown') ORDER BY coalesce(log_region, 'unknown')) AS log_regions,
  array_agg(DISTINCT trail ORDER BY trail) AS trails,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM numbered
GROUP BY eventSource
ORDER BY extra_copies DESC, event_source
