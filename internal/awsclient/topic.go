package awsclient

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Topic returns a client for the SNS topic of an ARN, which tells the region.
func (c *Client) Topic(arn string) (*sns.Client, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[2] != "sns" || !regionName.MatchString(parts[3]) {
		return nil, fmt.Errorf("topic %q: want its ARN, such as arn:aws:sns:eu-west-1:123456789012:NAME", arn)
	}
	return sns.NewFromConfig(c.cfg, func(o *sns.Options) { o.Region = parts[3] }), nil
}
