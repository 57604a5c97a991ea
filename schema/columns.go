package schema

import (
	"slices"
	"strings"
)

// Kind says how the values of a column are stored.
type Kind uint8

// The storage kinds.
const (
	// KindString is UTF-8 text.
	KindString Kind = iota
	// KindBool is true or false.
	KindBool
	// KindTimestamp is microseconds since 1970-01-01T00:00:00 UTC, without a
	// zone. SQL shows it as timestamp(3).
	KindTimestamp
	// KindInt is a 64-bit signed integer.
	KindInt
	// KindJSON is the compact JSON text of a free-form block, cut out of the
	// record unparsed. The text null is a delivered null; SQL NULL is an absent
	// key. SQL shows the type that Column.Logical names.
	KindJSON
	// KindStruct is a group of the columns in Column.Members. A group that was
	// delivered empty is not NULL; one that was absent is.
	KindStruct
	// KindList is a list of groups of the columns in Column.Members.
	KindList
)

// Column describes one column, or one member of a struct. The descriptions are
// the single source from which the Arrow schema, the Iceberg schema, the SQL
// schema, the decoder and the documentation are derived. Treat them as constants.
type Column struct {
	// Name is the catalog's name, lower case. SQL resolves it in any case.
	Name string
	// Key is the record's own spelling, such as "userIdentity". It is empty for
	// columns that Traillake adds.
	Key string
	// Kind is the storage kind.
	Kind Kind
	// Members are the members of a KindStruct or of the entries of a KindList,
	// in the order of Lake's catalog, hidden ones last.
	Members []Column
	// Delivery lists the keys of Members in the order in which AWS delivers
	// them; nil means the order of Members.
	Delivery []string
	// Logical is the SQL type where it does not follow from Kind.
	Logical string
	// Hidden columns are stored and are no part of SELECT *. Hidden members
	// of a struct are no part of its SQL type.
	Hidden bool
	// Internal columns cannot be named by user SQL at all.
	Internal bool
	// Unique says of text that its values hardly repeat, so that a dictionary of them
	// would be the column written twice. Members of groups are never unique: groups
	// repeat as a whole.
	Unique bool
	// Since is the eventVersion that brought the field; empty where Traillake
	// adds it or AWS does not say.
	Since string
	// Doc is one or two sentences for people.
	Doc string
}

// Dictionary reports whether the column is text that Builder gives as a dictionary.
func (c Column) Dictionary() bool {
	return (c.Kind == KindString || c.Kind == KindJSON) && !c.Unique
}

// Type returns the type that SQL sees, in Trino's notation.
func (c Column) Type() string {
	if c.Logical != "" {
		return c.Logical
	}
	switch c.Kind {
	case KindBool:
		return "boolean"
	case KindTimestamp:
		return "timestamp(3)"
	case KindInt:
		return "bigint"
	case KindJSON:
		return "map(varchar,varchar)"
	case KindStruct:
		return c.rowType()
	case KindList:
		return "array(" + c.rowType() + ")"
	default:
		return "varchar"
	}
}

func (c Column) rowType() string {
	var parts []string
	for _, m := range c.Members {
		if !m.Hidden {
			parts = append(parts, m.Name+" "+m.Type())
		}
	}
	return "row(" + strings.Join(parts, ", ") + ")"
}

// Stored returns the columns that a data file holds, in order. The caller must
// not change them.
func Stored() []Column { return stored }

// Visible returns the columns of SELECT * in CloudTrail Lake's order: the stored
// columns that are not hidden, then eventjson and eventjsonchecksum, which are
// computed.
func Visible() []Column {
	var cols []Column
	for _, c := range stored {
		if !c.Hidden {
			cols = append(cols, c)
		}
	}
	return append(cols, computed...)
}

// Reachable returns the columns that are no part of SELECT * and that SQL can
// nevertheless name: stored ones, then _source_verdict, which is looked up.
func Reachable() []Column {
	var cols []Column
	for _, c := range stored {
		if c.Hidden && !c.Internal {
			cols = append(cols, c)
		}
	}
	return append(cols, sourceVerdict)
}

// Delivered returns the members of c that have a key, in the order in which AWS
// delivers them. For the record itself, see DeliveredColumns.
func (c Column) Delivered() []Column { return inDelivery(c.Members, c.Delivery) }

// DeliveredColumns returns the stored columns that have a key, in the one order in
// which AWS delivers the keys of a record. A record in another order is kept as
// text in _raw.
func DeliveredColumns() []Column { return inDelivery(stored, recordDelivery) }

func inDelivery(cols []Column, order []string) []Column {
	var out []Column
	if order == nil {
		for _, c := range cols {
			if c.Key != "" {
				out = append(out, c)
			}
		}
		return out
	}
	for _, key := range order {
		i := slices.IndexFunc(cols, func(c Column) bool { return c.Key == key })
		out = append(out, cols[i])
	}
	return out
}

// The orders below were read off delivered files (2,122 records of July 2023 agree
// with them) and, for keys that those lack, off the examples in AWS's user guide.
var (
	recordDelivery = []string{
		"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
		"userAgent", "errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData",
		"requestID", "eventID", "readOnly", "resources", "eventType", "apiVersion", "managementEvent",
		"recipientAccountId", "sharedEventID", "serviceEventDetails", "annotation", "vpcEndpointId",
		"vpcEndpointAccountId", "addendum", "insightDetails", "eventCategory", "edgeDeviceDetails", "tlsDetails",
		"sessionCredentialFromConsole", "eventContext",
	}
	userIdentityDelivery = []string{
		"type", "principalId", "arn", "accountId", "accessKeyId", "userName", "sessionContext", "invokedBy",
		"invokedByDelegate", "identityProvider", "onBehalfOf", "inScopeOf", "credentialId",
	}
	sessionContextDelivery = []string{
		"sessionIssuer", "webIdFederationData", "attributes", "sourceIdentity", "ec2RoleDelivery",
		"ec2IssuedInVpc", "assumedRoot", "signInSessionArn",
	}
)

// Names of the columns that code refers to.
const (
	ColEventTime     = "eventtime"
	ColEventName     = "eventname"
	ColEventID       = "eventid"
	ColEventJSON     = "eventjson"
	ColEventChecksum = "eventjsonchecksum"
	ColRaw           = "_raw"
	ColSource        = "_source"
	ColSourceRegion  = "_source_region"
	ColSourceAccount = "_source_account"
	ColIngestSeq     = "_ingest_seq"
	ColSourceVerdict = "_source_verdict"
)

// stored follows the CloudTrail user guide, "CloudTrail record contents" and
// "CloudTrail Lake event schema", eventVersion 1.11, in Lake's column order.
var stored = []Column{
	{Name: "eventversion", Key: "eventVersion", Since: "1.0",
		Doc: "Version of the record format, major.minor; 1.10 is newer than 1.09."},
	{Name: "useridentity", Key: "userIdentity", Kind: KindStruct, Members: userIdentity, Delivery: userIdentityDelivery, Since: "1.0",
		Doc: "Who made the request."},
	{Name: ColEventTime, Key: "eventTime", Kind: KindTimestamp, Since: "1.0",
		Doc: "When the request completed, UTC, by the clock of the service's host. Partition and retention go by it."},
	{Name: "eventsource", Key: "eventSource", Since: "1.0",
		Doc: "The service, such as iam.amazonaws.com."},
	{Name: "eventname", Key: "eventName", Since: "1.0",
		Doc: "The API action, or the name of a console or service event."},
	{Name: "awsregion", Key: "awsRegion", Since: "1.0",
		Doc: "The region that the request was made to; us-east-1 for most global services."},
	{Name: "sourceipaddress", Key: "sourceIPAddress", Since: "1.0",
		Doc: "IPv4 or IPv6 address of the caller, the DNS name of a service, or 'AWS Internal'."},
	{Name: "useragent", Key: "userAgent", Since: "1.0",
		Doc: "The agent through which the request was made; at most 1 KB."},
	{Name: "errorcode", Key: "errorCode", Since: "1.0",
		Doc: "The service's error; NULL when the request succeeded."},
	{Name: "errormessage", Key: "errorMessage", Since: "1.0",
		Doc: "Description of the error; may be NULL beside an error code."},
	{Name: "requestparameters", Key: "requestParameters", Kind: KindJSON, Unique: true, Since: "1.0",
		Doc: "Parameters sent with the request, one entry per top-level key; at most 100 KB, else left out by AWS."},
	{Name: "responseelements", Key: "responseElements", Kind: KindJSON, Unique: true, Since: "1.0",
		Doc: "The response of calls that change something; NULL for reads."},
	{Name: "additionaleventdata", Key: "additionalEventData", Kind: KindJSON, Unique: true, Since: "1.0",
		Doc: "Data about the event that is no part of the request or response, such as MFAUsed or bytes transferred."},
	{Name: "requestid", Key: "requestID", Unique: true, Since: "1.01",
		Doc: "The service's identifier of the request; not always a UUID."},
	{Name: ColEventID, Key: "eventID", Unique: true, Since: "1.01",
		Doc: "Identifies the record. Copies of one record share it."},
	{Name: "readonly", Key: "readOnly", Kind: KindBool, Since: "1.01",
		Doc: "Whether the call only reads."},
	{Name: "resources", Key: "resources", Kind: KindList, Members: resource, Since: "1.01",
		Doc: "The resources that the event touched."},
	{Name: "eventtype", Key: "eventType", Since: "1.02",
		Doc: "AwsApiCall, AwsServiceEvent, AwsConsoleAction, AwsConsoleSignIn, AwsVpceEvent or AwsCloudTrailInsight."},
	{Name: "apiversion", Key: "apiVersion", Since: "1.01",
		Doc: "Version of the API, where the service names one."},
	{Name: "managementevent", Key: "managementEvent", Kind: KindBool, Since: "1.06",
		Doc: "False on data events."},
	{Name: "recipientaccountid", Key: "recipientAccountId", Since: "1.02",
		Doc: "The account that received the event; differs from the caller's on cross-account access."},
	{Name: "sharedeventid", Key: "sharedEventID", Unique: true, Since: "1.03",
		Doc: "Shared by the records of one action that was delivered to several accounts."},
	{Name: "annotation", Key: "annotation",
		Doc: "Added by CloudTrail; first to be shortened when an event is too large."},
	{Name: "vpcendpointid", Key: "vpcEndpointId", Since: "1.04",
		Doc: "The VPC endpoint that the request came through."},
	{Name: "vpcendpointaccountid", Key: "vpcEndpointAccountId", Since: "1.09",
		Doc: "The account that owns the VPC endpoint."},
	{Name: "serviceeventdetails", Key: "serviceEventDetails", Kind: KindJSON, Unique: true, Since: "1.05",
		Doc: "Details of a service event."},
	{Name: "addendum", Key: "addendum", Kind: KindJSON, Unique: true, Since: "1.08",
		Doc: "Why an event is late or corrected: reason, updatedFields, originalRequestID, originalEventID."},
	{Name: "edgedevicedetails", Key: "edgeDeviceDetails", Kind: KindJSON, Unique: true, Since: "1.08",
		Doc: "The edge device of a request to S3 on Outposts."},
	{Name: "insightdetails", Key: "insightDetails", Kind: KindJSON, Unique: true, Since: "1.07",
		Doc: "State, statistics and attributions of an Insights event."},
	{Name: "eventcategory", Key: "eventCategory", Since: "1.07",
		Doc: "Management, Data, NetworkActivity or Insight. Derived from managementEvent in records older than 1.07."},
	{Name: "tlsdetails", Key: "tlsDetails", Kind: KindStruct, Members: tlsDetails, Since: "1.08",
		Doc: "TLS version, cipher suite and host name of the request."},
	{Name: "sessioncredentialfromconsole", Key: "sessionCredentialFromConsole", Since: "1.08",
		Doc: "The text 'true' when the request came from a console session; NULL otherwise."},
	{Name: "eventcontext", Key: "eventContext", Kind: KindJSON, Unique: true, Since: "1.11", Hidden: true,
		Logical: "row(requestcontext map(varchar,varchar), tagcontext row(resourcetags array(row(arn varchar, tags map(varchar,varchar))), principaltags map(varchar,varchar)))",
		Doc:     "Resource tags and condition keys of enriched events. Trails do not carry it."},
	{Name: ColRaw, Unique: true, Hidden: true, Internal: true,
		Doc: "The delivered text of a record that cannot be rebuilt from the columns; NULL otherwise."},
	{Name: ColSource, Hidden: true,
		Doc: "The object that the record came from: path, key, or - for standard input."},
	{Name: ColSourceRegion, Hidden: true,
		Doc: "The region in the object's key; NULL when the key has none."},
	{Name: ColSourceAccount, Hidden: true,
		Doc: "The account in the object's key; NULL when the key has none."},
	{Name: ColIngestSeq, Kind: KindInt, Hidden: true,
		Doc: "Number of the commit that brought the record."},
}

var computed = []Column{
	{Name: ColEventJSON, Logical: "varchar",
		Doc: "The whole record, byte for byte as it was delivered. Not stored: rebuilt from the columns."},
	{Name: ColEventChecksum, Logical: "varchar",
		Doc: "Base64 of the SHA-256 of eventjson."},
}

// sourceVerdict comes from the ledger: it may change after the record was stored.
var sourceVerdict = Column{Name: ColSourceVerdict, Logical: "varchar", Hidden: true,
	Doc: "What CloudTrail's digests say of the object that the record came from: verified, failed or unverified. Not stored: looked up in the ledger."}

var userIdentity = []Column{
	{Name: "type", Key: "type", Doc: "Root, IAMUser, AssumedRole, Role, FederatedUser, AWSAccount, AWSService, IdentityCenterUser, SAMLUser, WebIdentityUser …"},
	{Name: "principalid", Key: "principalId", Doc: "Unique id of the caller; role:session for roles."},
	{Name: "arn", Key: "arn", Doc: "ARN of the caller; absent for services, other accounts and failed sign-ins."},
	{Name: "accountid", Key: "accountId", Doc: "Account of the caller."},
	{Name: "accesskeyid", Key: "accessKeyId", Doc: "Access key that signed the request."},
	{Name: "username", Key: "userName", Doc: "Friendly name; absent for assumed roles."},
	{Name: "sessioncontext", Key: "sessionContext", Kind: KindStruct, Members: sessionContext, Delivery: sessionContextDelivery, Doc: "The session, for temporary credentials."},
	{Name: "onbehalfof", Key: "onBehalfOf", Kind: KindStruct, Doc: "Identity Center user for whom the call was made.", Members: []Column{
		{Name: "userid", Key: "userId", Doc: "Id of the user in the identity store."},
		{Name: "identitystorearn", Key: "identityStoreArn", Doc: "ARN of the identity store."},
	}},
	{Name: "inscopeof", Key: "inScopeOf", Kind: KindStruct, Doc: "The resource within whose scope the call was made.", Members: []Column{
		{Name: "sourcearn", Key: "sourceArn", Doc: "ARN of the invoking resource."},
		{Name: "sourceaccount", Key: "sourceAccount", Doc: "Its account."},
		{Name: "issuertype", Key: "issuerType", Doc: "Type of the issuer of the credentials."},
		{Name: "credentiaisissuedto", Key: "credentialsIssuedTo", Doc: "To what the credentials were issued. The name is spelt as AWS's schema spells it."},
	}},
	{Name: "invokedby", Key: "invokedBy", Doc: "Service that made the request on someone's behalf, or 'AWS Internal'."},
	{Name: "identityprovider", Key: "identityProvider", Doc: "External identity provider of SAML and web identity users."},
	{Name: "invokedbydelegate", Key: "invokedByDelegate", Kind: KindStruct, Hidden: true, Doc: "Product provider using temporary delegation.", Members: []Column{
		{Name: "accountid", Key: "accountId", Doc: "Account of the provider."},
	}},
	{Name: "credentialid", Key: "credentialId", Hidden: true, Doc: "Credential of a bearer-token caller."},
}

var sessionContext = []Column{
	{Name: "attributes", Key: "attributes", Kind: KindStruct, Doc: "Attributes of the session.", Members: []Column{
		{Name: "creationdate", Key: "creationDate", Kind: KindTimestamp, Doc: "When the credentials were issued."},
		{Name: "mfaauthenticated", Key: "mfaAuthenticated", Doc: "The text 'true' or 'false'."},
	}},
	{Name: "sessionissuer", Key: "sessionIssuer", Kind: KindStruct, Doc: "Who issued the credentials.", Members: []Column{
		{Name: "type", Key: "type", Doc: "Type of the issuer, such as Role."},
		{Name: "principalid", Key: "principalId", Doc: "Id of the issuer."},
		{Name: "arn", Key: "arn", Doc: "ARN of the issuer."},
		{Name: "accountid", Key: "accountId", Doc: "Account of the issuer."},
		{Name: "username", Key: "userName", Doc: "Name of the issuer."},
	}},
	{Name: "webidfederationdata", Key: "webIdFederationData", Kind: KindStruct, Doc: "Web identity federation.", Members: []Column{
		{Name: "federatedprovider", Key: "federatedProvider", Doc: "The identity provider."},
		{Name: "attributes", Key: "attributes", Kind: KindJSON, Doc: "Application and user ids reported by the provider."},
	}},
	{Name: "sourceidentity", Key: "sourceIdentity", Doc: "Source identity set on AssumeRole."},
	{Name: "ec2roledelivery", Key: "ec2RoleDelivery", Doc: "Version of the instance metadata service that delivered the credentials: '1.0' or '2.0'."},
	{Name: "ec2issuedinvpc", Key: "ec2IssuedInVpc", Doc: "VPC in which the credentials were issued."},
	{Name: "assumedroot", Key: "assumedRoot", Hidden: true, Doc: "The text 'true' in a session from AssumeRoot."},
	{Name: "signinsessionarn", Key: "signInSessionArn", Hidden: true, Doc: "ARN of the console sign-in session."},
}

var resource = []Column{
	{Name: "accountid", Key: "accountId", Doc: "Account of the resource."},
	{Name: "type", Key: "type", Doc: "Type such as AWS::S3::Object."},
	{Name: "arn", Key: "ARN", Doc: "ARN of the resource."},
	{Name: "arnprefix", Key: "ARNPrefix", Doc: "ARN prefix, on list operations."},
	{Name: "arnfirst", Kind: KindBool, Hidden: true, Doc: "True when the entry was delivered with its ARN before accountId and type; NULL otherwise."},
}

var tlsDetails = []Column{
	{Name: "tlsversion", Key: "tlsVersion", Doc: "TLS version."},
	{Name: "ciphersuite", Key: "cipherSuite", Doc: "Cipher suite."},
	{Name: "clientprovidedhostheader", Key: "clientProvidedHostHeader", Doc: "Host name that the client sent."},
	{Name: "keyexchange", Key: "keyExchange", Hidden: true, Doc: "Key exchange, such as X25519MLKEM768."},
}
