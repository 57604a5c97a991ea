package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"traillake/internal/awsclient"
	"traillake/schedule"
)

// maxSubject is SNS's limit, in ASCII characters.
const maxSubject = 99

// sns publishes to a topic. The client of AWS tries again by itself.
func (s *Sender) sns(ctx context.Context, n schedule.Notice, m schedule.Message) error {
	c, err := awsclient.Open(ctx, s.AWS)
	if err != nil {
		return err
	}
	topic, err := c.Topic(n.To)
	if err != nil {
		return err
	}
	text := func(v string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(v)}
	}
	in := &sns.PublishInput{
		TopicArn: aws.String(n.To), Subject: aws.String(asciiSubject(m.Subject())), Message: aws.String(m.Text()),
		// Subscriptions can filter by these.
		MessageAttributes: map[string]types.MessageAttributeValue{
			"schedule": text(m.Schedule), "outcome": text(string(m.Outcome)), "changed": text(fmt.Sprint(m.Changed)), "id": text(m.ID),
		},
	}
	if strings.HasSuffix(n.To, ".fifo") {
		in.MessageGroupId, in.MessageDeduplicationId = aws.String(m.Schedule), aws.String(strings.ReplaceAll(m.ID, "/", "."))
	}
	_, err = topic.Publish(ctx, in)
	var missing *types.NotFoundException
	if errors.As(err, &missing) {
		return fmt.Errorf("there is no topic %s", n.To)
	}
	return awsclient.Denied(awsclient.Brief(err), "sns:Publish", n.To)
}

func asciiSubject(text string) string {
	b := []byte(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text))
	return string(b[:min(len(b), maxSubject)])
}
