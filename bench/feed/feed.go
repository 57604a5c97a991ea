// Package feed hands logs to an ingest in portions, as deliveries come in over time,
// so that benchmarks can make stores of many commits and of many data files.
//
// Tiny makes small objects out of nothing, for stores of which only the number of files
// and of commits matters. Logs hands out what bench/gen has written. Both are a Source
// for each portion; memory grows with neither.
package feed

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"traillake/lake/source"
)

// Tiny are objects of a few events each. The same values give the same bytes.
type Tiny struct {
	// Seed selects the ids.
	Seed uint64
	// Events is how many events an object has.
	Events int
	// Start is the time of the first object's first event; whole seconds.
	Start time.Time
	// Every is the time from one object's first event to the next one's. Objects that
	// are days apart lie in data files of their own.
	Every time.Duration
	// From and To are the numbers of the objects of this portion, To not among them.
	From, To int
}

var _ source.Source = Tiny{}

// List implements source.Source.
func (t Tiny) List(ctx context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		var text bytes.Buffer
		for i := t.From; i < t.To && ctx.Err() == nil; i++ {
			text.Reset()
			t.write(&text, i)
			at := t.time(i)
			key := fmt.Sprintf("AWSLogs/%[1]s/CloudTrail/%[2]s/%[3]s/%[1]s_CloudTrail_%[2]s_%[4]sZ_%012[5]d.json",
				tinyAccount, tinyRegion, at.Format("2006/01/02"), at.Format("20060102T1504"), i)
			o := source.Object{Bucket: tinyBucket, Key: key, ETag: fmt.Sprintf("%d-%d", t.Seed, i), Size: int64(text.Len()), ModTime: at, Place: source.ParseKey(key)}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// Open implements source.Source.
func (t Tiny) Open(_ context.Context, o source.Object) (io.ReadCloser, error) {
	var seed uint64
	var i int
	if _, err := fmt.Sscanf(o.ETag, "%d-%d", &seed, &i); err != nil || seed != t.Seed {
		return nil, fmt.Errorf("open %s: it is none of these objects", o.Key)
	}
	var text bytes.Buffer
	t.write(&text, i)
	return io.NopCloser(&text), nil
}

const (
	tinyBucket  = "tiny"
	tinyAccount = "111122223333"
	tinyRegion  = "us-east-1"
	// tinyKeys is how many access keys, and users, there are.
	tinyKeys = 5000
)

var tinyNames = []string{"GetObject", "PutObject", "ListBuckets", "DescribeInstances", "AssumeRole", "GetCallerIdentity", "Decrypt"}

func (t Tiny) time(i int) time.Time { return t.Start.Add(time.Duration(i) * t.Every).UTC() }

// EventID returns the id of an event: the k-th of the i-th object.
func (t Tiny) EventID(i, k int) string {
	a, b := mix(t.Seed, uint64(i), uint64(k), 1), mix(t.Seed, uint64(i), uint64(k), 2)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

// AccessKey returns the access key of the n-th of the users.
func (t Tiny) AccessKey(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	x := mix(t.Seed, uint64(n%tinyKeys), 0, 3)
	key := []byte("AKIA")
	for range 12 {
		key = append(key, letters[x%32])
		x /= 32
	}
	return string(append(key, "TINY"...))
}

func (t Tiny) write(w *bytes.Buffer, i int) {
	w.WriteString(`{"Records":[`)
	for k := range t.Events {
		if k > 0 {
			w.WriteByte(',')
		}
		x := mix(t.Seed, uint64(i), uint64(k), 4)
		n := x % tinyKeys
		fmt.Fprintf(w, `{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","principalId":"AIDATINY%08[1]d","arn":"arn:aws:iam::%[2]s:user/user-%[1]d",`+
			`"accountId":"%[2]s","accessKeyId":"%[3]s","userName":"user-%[1]d"},"eventTime":"%[4]s","eventSource":"s3.amazonaws.com","eventName":"%[5]s",`+
			`"awsRegion":"%[6]s","sourceIPAddress":"198.51.100.%[7]d","userAgent":"aws-cli/2.15.30","requestParameters":{"bucketName":"bucket-%[8]d"},`+
			`"responseElements":null,"requestID":"%016[9]X","eventID":"%[10]s","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,`+
			`"recipientAccountId":"%[2]s","eventCategory":"Management"}`,
			n, tinyAccount, t.AccessKey(int(n)), t.time(i).Add(time.Duration(k)*time.Second).Format(time.RFC3339), tinyNames[x>>8%uint64(len(tinyNames))],
			tinyRegion, 1+x>>16%250, x>>24%20, mix(t.Seed, uint64(i), uint64(k), 5), t.EventID(i, k))
	}
	w.WriteString("]}")
}

// mix spreads numbers over 64 bits: the finaliser of SplitMix64, once for each.
func mix(numbers ...uint64) uint64 {
	var x uint64
	for _, n := range numbers {
		x += n + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}
