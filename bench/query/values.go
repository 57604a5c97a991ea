package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/queries"
)

// values are those of the queries' parameters.
type values = map[string]queries.Value

// picks are how parameters get a value that is in the data: an expression, and a condition
// on the record. Of the records that meet it the seed chooses one.
var picks = []struct{ name, expression, where string }{
	{"id", "eventID", "eventID IS NOT NULL"},
	{"request", "requestID", "requestID IS NOT NULL"},
	{"key", "userIdentity.accessKeyId", "userIdentity.accessKeyId IS NOT NULL"},
	{"address", "sourceIPAddress", "regexp_like(sourceIPAddress, '^[0-9.]+$')"},
	{"arn", "userIdentity.arn", "userIdentity.arn IS NOT NULL"},
	{"shared", "sharedEventID", "sharedEventID IS NOT NULL"},
	{"role", "element_at(requestParameters, 'roleArn')", "eventName = 'AssumeRole' AND element_at(requestParameters, 'roleArn') IS NOT NULL"},
	{"chain", "userIdentity.accessKeyId", "eventName = 'AssumeRole' AND userIdentity.accessKeyId IS NOT NULL AND errorCode IS NULL"},
	{"text", "element_at(requestParameters, 'bucketName')", "element_at(requestParameters, 'bucketName') IS NOT NULL"},
}

// pick chooses the values by the seed. A parameter for which the data has nothing has none.
func (b *bench) pick(ctx context.Context) (values, error) {
	now := time.Now()
	v := values{}
	set := func(name string, t queries.Type, text string) error {
		value, err := queries.ParseValue(t, text, now)
		v[name] = value
		return err
	}
	at := map[string]string{} // when the chosen records happened
	for _, p := range picks {
		choose := func(expression string) (string, error) {
			return b.text(ctx, fmt.Sprintf("SELECT %s FROM events WHERE %s ORDER BY xxhash64(to_utf8(concat('%d', eventID))), eventTime LIMIT 1",
				expression, p.where, b.Seed))
		}
		text, err := choose(p.expression)
		if err == nil {
			at[p.name], err = choose("CAST(eventTime AS varchar)")
		}
		if err != nil {
			return nil, fmt.Errorf("find a value for the parameter %s: %w", p.name, err)
		}
		if text != "" {
			if err := set(p.name, queries.TypeString, text); err != nil {
				return nil, err
			}
		}
	}
	region, err := b.text(ctx, "SELECT awsRegion FROM events GROUP BY awsRegion ORDER BY count(*) DESC, awsRegion LIMIT 1")
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(b.Seed, 1))
	errs := []error{set("region", queries.TypeString, region),
		set("absent", queries.TypeString, fmt.Sprintf("%08x-0000-4000-8000-%012x", random.Uint32(), random.Uint64()>>16))}
	// Each span has the record in it that another parameter was chosen from. It is in UTC,
	// begins at a full unit, and lasts as long as its name says.
	for _, s := range []struct {
		name, of   string
		long, unit time.Duration
	}{{"hour", "id", time.Hour, time.Hour}, {"day", "key", 24 * time.Hour, 24 * time.Hour}, {"week", "arn", 7 * 24 * time.Hour, 24 * time.Hour}} {
		if at[s.of] == "" {
			continue
		}
		when, err := time.Parse("2006-01-02 15:04:05.999", at[s.of])
		since := when.Truncate(s.unit)
		errs = append(errs, err, set(s.name+"_since", queries.TypeTimestamp, since.Format(time.RFC3339)),
			set(s.name+"_until", queries.TypeTimestamp, since.Add(s.long).Format(time.RFC3339)))
	}
	return v, errors.Join(errs...)
}

// text answers a query of one value, which is a text; empty where there is none.
func (b *bench) text(ctx context.Context, sql string) (_ string, err error) {
	res, err := b.engine.Query(ctx, engine.Request{SQL: sql})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	batch, err := res.Next(ctx)
	if errors.Is(err, io.EOF) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer batch.Release()
	if batch.NumRows() == 0 || batch.Column(0).IsNull(0) {
		return "", nil
	}
	column, ok := batch.Column(0).(array.StringLike)
	if !ok {
		return "", fmt.Errorf("%s gives %s and no text", sql, batch.Column(0).DataType())
	}
	return column.Value(0), nil
}
