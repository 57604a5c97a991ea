package gen

const (
	s3Extra     = `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64-75>=","bytesTransferredOut":<int-9000>}`
	s3Bucket    = `[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Object    = `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Prefix    = `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Host      = "<bucket>.s3.<region>.amazonaws.com"
	tableARN    = `[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}]`
	functionARN = `[{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<function>"}]`
	secretARN   = "arn:aws:secretsmanager:<region>:<account>:secret:<secret>-<secret-suffix>"
	keyARN      = `[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kms-key>"}]`
)

// Calls of S3, KMS, Secrets Manager and the databases.
var storageEvents = []event{
	{service: "s3", action: "ListBuckets", use: "H8 C6 S10", request: `{"Host":"s3.<region>.amazonaws.com"}`, extra: s3Extra},
	{service: "s3", action: "GetBucketLocation", use: "H8 C6 T6 S12 A2", request: `{"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com","location":""}`, extra: s3Extra, resources: s3Bucket},
	{service: "s3", action: "GetBucketAcl", use: "H5 T8 S14 V50", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","acl":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host},
	{service: "s3", action: "GetBucketPolicy", use: "H4 T10 S14", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","policy":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host,
		errors: []failure{{share: 0.25, code: "NoSuchBucketPolicy", message: "The bucket policy does not exist"}}},
	{service: "s3", action: "GetBucketPolicyStatus", use: "H4 S10", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","policyStatus":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host,
		errors: []failure{{share: 0.3, code: "NoSuchBucketPolicy", message: "The bucket policy does not exist"}}},
	{service: "s3", action: "GetBucketPublicAccessBlock", use: "H4 T8 S12", request: `{"publicAccessBlock":"","bucketName":"<bucket>","Host":"` + s3Host + `"}`, extra: s3Extra, resources: s3Bucket, host: s3Host,
		errors: []failure{{share: 0.12, code: "NoSuchPublicAccessBlockConfiguration", message: "The public access block configuration was not found"}}},
	{service: "s3", action: "GetBucketEncryption", use: "T8 S10", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","encryption":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host},
	{service: "s3", action: "GetBucketTagging", use: "T8 S8", request: `{"tagging":"","bucketName":"<bucket>","Host":"` + s3Host + `"}`, extra: s3Extra, resources: s3Bucket, host: s3Host,
		errors: []failure{{share: 0.3, code: "NoSuchTagSet", message: "The TagSet does not exist"}}},
	{service: "s3", action: "GetBucketVersioning", use: "H3 T8 S8", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","versioning":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host},
	{service: "s3", action: "GetBucketLifecycle", use: "T6 S6", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","lifecycle":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host,
		errors: []failure{{share: 0.4, code: "NoSuchLifecycleConfiguration", message: "The lifecycle configuration does not exist"}}},
	{service: "s3", action: "GetBucketLogging", use: "T6 S8", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","logging":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host},
	{service: "s3", action: "CreateBucket", use: "H0.3 T0.8", write: true, request: `{"CreateBucketConfiguration":{"LocationConstraint":"<region>","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com"}`, extra: s3Extra, resources: s3Bucket,
		errors: []failure{{share: 0.1, code: "BucketAlreadyOwnedByYou", message: "Your previous request to create the named bucket succeeded and you already own it."}}},
	{service: "s3", action: "PutBucketPolicy", use: "H0.4 T1", write: true, extra: s3Extra, resources: s3Bucket, host: s3Host,
		request: `{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]},"bucketName":"<bucket>","Host":"` + s3Host + `","policy":""}`},
	{service: "s3", action: "PutBucketTagging", use: "T1", write: true, extra: s3Extra, resources: s3Bucket, host: s3Host,
		request: `{"tagging":"","Tagging":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","TagSet":{"Tag":[{"Key":"team","Value":"<stack>"},{"Key":"managed-by","Value":"terraform"}]}},"bucketName":"<bucket>","Host":"` + s3Host + `"}`},

	{service: "s3", action: "GetObject", use: "A60 L40 C20 H60 V2", data: true, request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","key":"<object>"}`, resources: s3Object, host: s3Host, follow: "kms:Decrypt object", followed: 0.06,
		extra:  `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"SSEApplied":"Default_SSE_S3","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64-75>=","bytesTransferredOut":<bytes>}`,
		errors: []failure{{share: 0.015, code: "NoSuchKey", message: "The specified key does not exist."}}},
	{service: "s3", action: "HeadObject", use: "A20 L10 C20 H5", data: true, request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","key":"<object>"}`, resources: s3Object, host: s3Host, extra: s3Extra,
		errors: []failure{{share: 0.08, code: "NoSuchKey", message: "The specified key does not exist."}}},
	{service: "s3", action: "ListObjects", use: "A10 L4 C16 H20", data: true, request: `{"list-type":"2","bucketName":"<bucket>","Host":"` + s3Host + `","prefix":"<service>/","delimiter":"/","encoding-type":"url"}`, resources: s3Prefix, host: s3Host, extra: s3Extra},
	{service: "s3", action: "PutObject", use: "A20 L16 C10 H3 V60", data: true, write: true, request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","key":"<object>"}`, resources: s3Object, host: s3Host, follow: "kms:GenerateDataKey object", followed: 0.06,
		response: `{"x-amz-server-side-encryption":"AES256","x-amz-expiration":"expiry-date=\"Fri, 01 Jan 2027 00:00:00 GMT\", rule-id=\"<service>\""}`,
		extra:    `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<bytes>,"SSEApplied":"Default_SSE_S3","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64-75>=","bytesTransferredOut":0}`},
	{service: "s3", action: "DeleteObject", use: "A4 L3 C2", data: true, write: true, request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","key":"<object>"}`, resources: s3Object, host: s3Host, extra: s3Extra},
	{service: "lambda", action: "Invoke", use: "A30 L20 V10", data: true, write: true, request: `{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>","invocationType":"RequestResponse"}`, resources: functionARN,
		extra: `{"functionVersion":"arn:aws:lambda:<region>:<account>:function:<function>:$LATEST"}`, errors: []failure{{share: 0.01, code: "TooManyRequestsException", message: "Rate Exceeded."}}},
	{service: "dynamodb", action: "GetItem", use: "A30 L60", data: true, request: `{"tableName":"<table>","key":["pk","sk"],"consistentRead":false}`, resources: tableARN, api: "2012-08-10"},
	{service: "dynamodb", action: "Query", use: "A16 L30", data: true, request: `{"tableName":"<table>","indexName":"by-<service>","keyConditions":["pk"],"limit":100,"consistentRead":false}`, resources: tableARN, api: "2012-08-10"},
	{service: "dynamodb", action: "PutItem", use: "A6 L14", data: true, write: true, request: `{"tableName":"<table>","key":["pk","sk"],"items":["pk","sk"]}`, resources: tableARN, api: "2012-08-10",
		errors: []failure{{share: 0.01, code: "ConditionalCheckFailedException", message: "The conditional request failed"}, {share: 0.004, code: "ProvisionedThroughputExceededException", message: "The level of configured provisioned throughput for the table was exceeded."}}},

	{service: "kms", action: "Decrypt", use: "A26 L30 T4 C3", request: `{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"service":"<service>","purpose":"envelope"},"keyId":"arn:aws:kms:<region>:<account>:key/<kms-key>"}`, resources: keyARN, extra: `{"keyMaterialId":"<hex-64>"}`,
		errors: []failure{{share: 0.004, code: "InvalidCiphertextException", message: ""}}},
	{service: "kms", action: "GenerateDataKey", use: "A10 L6 V40", request: `{"keySpec":"AES_256","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>","aws:s3:arn":"arn:aws:s3:::<bucket>"},"keyId":"arn:aws:kms:<region>:<account>:key/<kms-key>"}`, resources: keyARN, extra: `{"keyMaterialId":"<hex-64>"}`},
	{service: "kms", action: "DescribeKey", use: "H6 T16 S10 A4", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms-key>"}`, resources: keyARN,
		errors: []failure{{share: 0.01, code: "NotFoundException", message: "Key 'arn:aws:kms:<region>:<account>:key/<kms-key>' does not exist"}}},
	{service: "kms", action: "ListAliases", use: "H8 T6 S6", request: `{"limit":100}`},
	{service: "kms", action: "GetKeyPolicy", use: "T8 S8", request: `{"keyId":"<kms-key>","policyName":"default"}`, resources: keyARN},
	{service: "kms", action: "GetKeyRotationStatus", use: "T8 S12", request: `{"keyId":"<kms-key>"}`, resources: keyARN},
	{service: "kms", action: "CreateGrant", use: "A1 K0.5", write: true, request: `{"constraints":{"encryptionContextSubset":{"aws:ebs:id":"<id-vol>"}},"granteePrincipal":"arn:aws:sts::<account>:assumed-role/aws:ec2-infrastructure/<id-i>","operations":["Decrypt"],"keyId":"arn:aws:kms:<region>:<account>:key/<kms-key>","retiringPrincipal":"ec2.<region>.amazonaws.com"}`,
		response: `{"grantId":"<hex-64>","keyId":"arn:aws:kms:<region>:<account>:key/<kms-key>"}`, resources: keyARN},

	{service: "secretsmanager", action: "GetSecretValue", use: "A26 L30 T3 C2 H0.6", request: `{"secretId":"` + secretARN + `","versionStage":"AWSCURRENT"}`, follow: "kms:Decrypt secret", followed: 0.85,
		errors: []failure{{share: 0.01, code: "ResourceNotFoundException", message: "Secrets Manager can't find the specified secret."}}},
	{service: "secretsmanager", action: "DescribeSecret", use: "H4 T16 A3 S6", request: `{"secretId":"` + secretARN + `"}`},
	{service: "secretsmanager", action: "GetResourcePolicy", use: "T14 S6", request: `{"secretId":"` + secretARN + `"}`},
	{service: "secretsmanager", action: "ListSecrets", use: "H5 S8", request: `{"maxResults":100,"includePlannedDeletion":false}`},
	{service: "secretsmanager", action: "PutSecretValue", use: "T0.8 L0.8", write: true, request: `{"clientRequestToken":"<UUID>","secretId":"` + secretARN + `"}`, response: `{"arn":"` + secretARN + `"}`, follow: "kms:GenerateDataKey secret", followed: 1},
	{service: "secretsmanager", action: "RotateSecret", use: "H0.1 T0.3", write: true, request: `{"secretId":"` + secretARN + `","clientRequestToken":"<UUID>","rotateImmediately":true}`, response: `{"aRN":"` + secretARN + `","name":"<secret>","versionId":"<UUID>"}`},

	{service: "rds", action: "DescribeDBInstances", use: "H12 C6 T20 A4 S20", request: `{"dBInstanceIdentifier":"<database>"}`, errors: []failure{{share: 0.02, code: "DBInstanceNotFound", message: "DBInstance <database> not found."}}},
	{service: "rds", action: "DescribeDBClusters", use: "H6 T12 S12", request: `{"maxRecords":100,"includeShared":false}`},
	{service: "rds", action: "DescribeDBSnapshots", use: "H4 C6 S10", request: `{"dBInstanceIdentifier":"<database>","snapshotType":"automated","includeShared":false,"includePublic":false}`},
	{service: "rds", action: "ListTagsForResource", use: "T16 S6", request: `{"resourceName":"arn:aws:rds:<region>:<account>:db:<database>"}`},
	{service: "rds", action: "DescribeOrderableDBInstanceOptions", use: "H4 T2", request: `{"engine":"postgres","engineVersion":"17.4","maxRecords":100}`},
	{service: "rds", action: "CreateDBSnapshot", use: "C2", write: true, request: `{"dBSnapshotIdentifier":"<database>-nightly","dBInstanceIdentifier":"<database>","tags":[{"key":"keep","value":"30"}]}`,
		response: `{"dBSnapshotIdentifier":"<database>-nightly","dBInstanceIdentifier":"<database>","engine":"postgres","allocatedStorage":<int-900>,"status":"creating","port":5432,"vpcId":"<id-vpc>","instanceCreateTime":"<date>","masterUsername":"app","engineVersion":"17.4","licenseModel":"postgresql-license","snapshotType":"manual","percentProgress":0,"storageType":"gp3","encrypted":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<kms-key>","dBSnapshotArn":"arn:aws:rds:<region>:<account>:snapshot:<database>-nightly","iAMDatabaseAuthenticationEnabled":true,"processorFeatures":[],"dbiResourceId":"db-<hex-12>","tagList":[{"key":"keep","value":"30"}],"snapshotTarget":"region"}`},
	{service: "dynamodb", action: "DescribeTable", use: "H5 T14 A12 L8 S10", request: `{"tableName":"<table>"}`, resources: tableARN, api: "2012-08-10"},
	{service: "dynamodb", action: "DescribeContinuousBackups", use: "T10 S10", request: `{"tableName":"<table>"}`, resources: tableARN, api: "2012-08-10"},
	{service: "dynamodb", action: "ListTables", use: "H5 S8", request: `{"limit":100}`, api: "2012-08-10"},
	{service: "dynamodb", action: "UpdateTable", use: "T0.4", write: true, request: `{"tableName":"<table>","billingMode":"PAY_PER_REQUEST"}`, response: `{"tableDescription":{"tableName":"<table>","tableStatus":"UPDATING","tableArn":"arn:aws:dynamodb:<region>:<account>:table/<table>","tableId":"<uuid>","itemCount":<int-900000>,"billingModeSummary":{"billingMode":"PAY_PER_REQUEST"},"deletionProtectionEnabled":true}}`, resources: tableARN, api: "2012-08-10"},
}
