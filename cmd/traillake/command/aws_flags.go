package command

import (
	"context"

	"github.com/spf13/pflag"

	"traillake/internal/awsclient"
)

// addAWSFlags adds the flags of all commands that say how AWS is reached. They are left
// out of the lists of flags, which they would fill on every page; 'traillake help s3'
// explains them.
func addAWSFlags(f *pflag.FlagSet, o *awsclient.Options) {
	flags := pflag.NewFlagSet("aws", pflag.ContinueOnError)
	flags.StringVar(&o.Profile, "profile", "", "`profile` of the AWS configuration")
	flags.StringVar(&o.RoleARN, "role-arn", "", "`ARN` of a role to assume")
	flags.StringVar(&o.Region, "bucket-region", "", "`region` of the bucket, which is asked for otherwise")
	flags.StringVar(&o.EndpointURL, "endpoint-url", "", "`URL` of another S3 service")
	flags.BoolVar(&o.PathStyle, "path-style", false, "put the bucket into the path of the URL")
	flags.StringVar(&o.RequestPayer, "request-payer", "", "who pays: `requester`")
	flags.VisitAll(func(flag *pflag.Flag) { flag.Hidden = true })
	f.AddFlagSet(flags)
}

// openAWS makes the clients for what lies on S3, by the flags.
func (a *app) openAWS(ctx context.Context) (*awsclient.Client, error) {
	if err := a.aws.Validate(); err != nil {
		return nil, &usageError{nil, err}
	}
	return awsclient.Open(ctx, a.aws)
}

const s3Help = `A place on S3 is written s3://BUCKET/PREFIX. Credentials are found as every AWS tool
finds them: environment, shared files, SSO, container, instance. These flags, which
every command takes, say more:

  --profile NAME         a profile of ~/.aws/config
  --role-arn ARN         a role to assume with the credentials that were found
  --bucket-region REGION the bucket's region; without it the service is asked
  --request-payer requester
                         you pay for requests, where the bucket's owner does not
  --endpoint-url URL     another S3 service than AWS's (also: AWS_ENDPOINT_URL_S3)
  --path-style           the bucket goes into the path of the URL, as many other
                         services want it

Of a lake on S3, copies of files that never change are kept on this machine:

  --cache-dir DIR        where (default: $XDG_CACHE_HOME/traillake, else
                         ~/.cache/traillake); several processes may share it, and
                         it may be deleted while none of them runs. The rows of
                         queries that are kept lie there, too, in the folder results,
                         also those of a lake in a folder: 'store gc' empties that of
                         its own --cache-dir, so give it the one that queries have
  --cache-size SIZE      about the most to keep, such as 50GB (default: 10GiB); what
                         a running query reads is kept as long as that needs it

Such a lake needs a service that makes conditional writes, as S3 does; that is tried
before the first write.

The permissions that are needed, of which the README has policies:

  logs                   s3:ListBucket on BUCKET, s3:GetObject on BUCKET/PREFIX/*
  a lake                 the same, and s3:PutObject, s3:DeleteObject and
                         s3:AbortMultipartUpload on BUCKET/PREFIX/*
  reports, statements    s3:ListBucket, s3:GetObject and s3:PutObject
  --queue                sqs:ReceiveMessage, sqs:DeleteMessage and
                         sqs:ChangeMessageVisibility on the queue
  --public-keys aws      cloudtrail:ListPublicKeys on *
  --notify sns:ARN       sns:Publish on the topic
  --role-arn             sts:AssumeRole on the role
  what KMS encrypts      kms:Decrypt on the key; to write, kms:GenerateDataKey, too

Where one is missing, the error names it, with the policy statement that allows it.`
