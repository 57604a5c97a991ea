package awsclient

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// PublicKey is a key that CloudTrail signed digests with.
type PublicKey struct {
	// Fingerprint names the key, Value is its PKCS #1 RSAPublicKey in DER.
	Fingerprint string
	Value       []byte
}

// PublicKeys returns the keys with which CloudTrail signed digests in a region between two
// times. Every account gets the same ones.
func (c *Client) PublicKeys(ctx context.Context, region string, from, to time.Time) ([]PublicKey, error) {
	client := cloudtrail.NewFromConfig(c.cfg, func(o *cloudtrail.Options) { o.Region = region })
	pages := cloudtrail.NewListPublicKeysPaginator(client, &cloudtrail.ListPublicKeysInput{StartTime: aws.Time(from), EndTime: aws.Time(to)})
	var keys []PublicKey
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, Denied(fmt.Errorf("list public keys of CloudTrail in %s: %w", region, Brief(err)), "cloudtrail:ListPublicKeys", "*")
		}
		for _, k := range page.PublicKeyList {
			keys = append(keys, PublicKey{Fingerprint: aws.ToString(k.Fingerprint), Value: k.Value})
		}
	}
	return keys, nil
}
