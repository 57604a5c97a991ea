// Package awsclient makes clients of AWS services, and of services that speak like
// them, out of what a user says about access.
//
// Start with Open. Credentials come from the SDK's default chain (environment, shared
// files, SSO, containers, instances) unless a profile or a role is named. Nothing here
// writes a secret anywhere, and the SDK's own logging is off.
package awsclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Options is what a user says about access. The zero value is the default chain, AWS
// itself, and the region of each bucket.
type Options struct {
	// Profile names a profile of the shared configuration files.
	Profile string
	// RoleARN is a role to assume with the credentials that were found.
	RoleARN string
	// Region is that of the bucket; empty to ask the service, once for each bucket.
	Region string
	// EndpointURL is another S3 service than AWS's, such as http://127.0.0.1:7070.
	// Roles and queues are not reached through it.
	EndpointURL string
	// PathStyle puts the bucket into the path rather than into the host name.
	PathStyle bool
	// RequestPayer says that the caller pays for requests: "requester", or empty for
	// the owner of the bucket.
	RequestPayer string
	// Stall is for how long the body of a reply may give nothing before it counts as broken;
	// zero means a minute.
	Stall time.Duration
}

var (
	roleARN    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/\S+$`)
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)
)

// Validate checks what can be checked without a request.
func (o Options) Validate() error {
	var errs []error
	if o.RoleARN != "" && !roleARN.MatchString(o.RoleARN) {
		errs = append(errs, fmt.Errorf("role %q: want an ARN such as arn:aws:iam::123456789012:role/NAME", o.RoleARN))
	}
	if o.Region != "" && !regionName.MatchString(o.Region) {
		errs = append(errs, fmt.Errorf("region %q: want a name such as eu-west-1", o.Region))
	}
	if u, err := url.Parse(o.EndpointURL); o.EndpointURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil) {
		errs = append(errs, errors.New("endpoint URL: want one such as https://s3.example.com, without user and password"))
	}
	if o.RequestPayer != "" && o.RequestPayer != "requester" {
		errs = append(errs, fmt.Errorf("request payer %q: the only value is requester", o.RequestPayer))
	}
	return errors.Join(errs...)
}

// defaultRegion is asked where the others are, and signs for services that have none.
const defaultRegion = "us-east-1"

// Client makes clients of services. It is safe for concurrent use.
type Client struct {
	o   Options
	cfg aws.Config
	// custom is whether S3 is another service than AWS's.
	custom bool
}

// Open reads the configuration and makes sure that there are credentials.
func Open(ctx context.Context, o Options) (*Client, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("AWS access: %w", err)
	}
	load := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}),
		config.WithHTTPClient(httpClient()),
		config.WithRetryer(newRetryer),
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read AWS configuration: %w", err)
	}
	// It comes last: the SDK puts certificates of the configuration into its own client only.
	cfg.HTTPClient = livelyClient{cfg.HTTPClient, cmp.Or(o.Stall, stallTime)}
	c := &Client{o: o, cfg: cfg}
	// The environment and the shared files may name an endpoint, too.
	c.custom = o.EndpointURL != "" || s3.NewFromConfig(cfg).Options().BaseEndpoint != nil
	if c.cfg.Region == "" {
		c.cfg.Region = defaultRegion
	}
	if _, err := c.cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("find AWS credentials: %w\n"+
			"Name a profile with --profile, log in with 'aws sso login', or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", err)
	}
	if o.RoleARN != "" {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c.cfg), o.RoleARN,
			func(r *stscreds.AssumeRoleOptions) { r.RoleSessionName = "traillake" })
		c.cfg.Credentials = aws.NewCredentialsCache(provider)
		if _, err := c.cfg.Credentials.Retrieve(ctx); err != nil {
			return nil, Denied(fmt.Errorf("assume role %s: %w", o.RoleARN, err), "sts:AssumeRole", o.RoleARN)
		}
	}
	return c, nil
}

// httpClient lets a listing and a download have many requests under way, and gives up
// on a service that does not answer; the retryer then asks again.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 10 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = 256
			t.MaxIdleConns = 512
			t.ResponseHeaderTimeout = 30 * time.Second
			t.DisableCompression = true
		})
}

// Bucket returns a client for the region of the bucket. It asks the service for the
// region, with one request, unless the options name region or endpoint.
func (c *Client) Bucket(ctx context.Context, bucket string) (*s3.Client, error) {
	region := c.cfg.Region
	if c.o.Region == "" && !c.custom {
		var err error
		if region, err = c.bucketRegion(ctx, bucket); err != nil {
			return nil, err
		}
	}
	return c.s3(region), nil
}

func (c *Client) s3(region string) *s3.Client {
	return s3.NewFromConfig(c.cfg, func(o *s3.Options) {
		o.Region = region
		o.UsePathStyle = c.o.PathStyle
		o.DisableLogOutputChecksumValidationSkipped = true
		o.APIOptions = append(o.APIOptions, tellSkew)
		if c.o.EndpointURL != "" {
			o.BaseEndpoint = aws.String(c.o.EndpointURL)
		}
		if c.custom {
			// Not every service knows the checksums that the SDK adds by itself.
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		}
		if c.o.RequestPayer != "" {
			o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("x-amz-request-payer", c.o.RequestPayer))
		}
	})
}

// bucketRegion asks where a bucket lies. S3 says so in its reply even to who may not
// enter.
func (c *Client) bucketRegion(ctx context.Context, bucket string) (string, error) {
	out, err := c.s3(c.cfg.Region).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(bucket)})
	if err == nil {
		return cmp.Or(aws.ToString(out.BucketRegion), c.cfg.Region), nil
	}
	var reply *smithyhttp.ResponseError
	if !errors.As(err, &reply) {
		return "", fmt.Errorf("find the region of bucket %s: %w", bucket, err)
	}
	switch region := reply.Response.Header.Get("x-amz-bucket-region"); {
	case reply.HTTPStatusCode() == http.StatusNotFound:
		return "", fmt.Errorf("bucket %s: there is no such bucket", bucket)
	case region != "":
		return region, nil
	default:
		return c.cfg.Region, nil // listing will say what is wrong
	}
}

// awsQueue is the host of a queue of AWS, with its region.
var awsQueue = regexp.MustCompile(`^sqs\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$`)

// Queue returns a client for the queue at an URL. The URL tells the region; where it is
// none of AWS's, its host is asked.
func (c *Client) Queue(queueURL string) (*sqs.Client, error) {
	u, err := url.Parse(queueURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") == "" {
		return nil, fmt.Errorf("queue %q: want its URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/NAME", queueURL)
	}
	return sqs.NewFromConfig(c.cfg, func(o *sqs.Options) {
		if m := awsQueue.FindStringSubmatch(u.Hostname()); m != nil {
			o.Region = m[1]
		} else {
			o.BaseEndpoint = aws.String(u.Scheme + "://" + u.Host)
		}
	}), nil
}

// ParseURL splits s3://bucket/prefix. The prefix may be empty.
func ParseURL(text string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(text, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" || strings.ContainsAny(bucket, "?#@ ") {
		return "", "", fmt.Errorf("%q is no place on S3; want s3://BUCKET/PREFIX", text)
	}
	return bucket, prefix, nil
}
