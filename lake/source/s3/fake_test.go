package s3

import (
	"cmp"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// keys are what a fake bucket holds, in their order.
type keys interface {
	len() int
	key(i int) string
}

type keyList []string

func (k keyList) len() int         { return len(k) }
func (k keyList) key(i int) string { return k[i] }

// lister answers ListObjectsV2 about keys, as the documentation of the API says, and
// counts the requests. It serves tests that need more keys than a server can be given.
type lister struct {
	pageSize int
	delay    time.Duration
	requests atomic.Int64
	waves    *waves // instead of a delay
	modified string // of all keys; empty means on 2026-11-20

	mu   sync.Mutex
	keys keys
}

func (l *lister) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.requests.Add(1)
	if l.waves != nil {
		l.waves.join()
	}
	if l.delay > 0 {
		timer := time.NewTimer(l.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	l.mu.Lock()
	k := l.keys
	l.mu.Unlock()
	q := r.URL.Query()
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	from := max(prefix, q.Get("start-after")+"\x00")
	if token := q.Get("continuation-token"); token != "" {
		text, err := base64.URLEncoding.DecodeString(token)
		if err != nil {
			http.Error(w, "token", http.StatusBadRequest)
			return
		}
		from = string(text)
	}
	seek := func(key string) int { return sort.Search(k.len(), func(i int) bool { return k.key(i) >= key }) }
	body := make([]byte, 0, 64<<10)
	body = append(body, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>`...)
	next := ""
	for i, n := seek(from), 0; i < k.len(); {
		key := k.key(i)
		if !strings.HasPrefix(key, prefix) {
			break
		}
		if n == l.pageSize {
			next = key
			break
		}
		n++
		if j := strings.Index(key[len(prefix):], delimiter); delimiter != "" && j >= 0 {
			common := key[:len(prefix)+j+1]
			body = append(body, "<CommonPrefixes><Prefix>"+html.EscapeString(common)+"</Prefix></CommonPrefixes>"...)
			i = seek(common + "\xff")
			continue
		}
		body = append(body, "<Contents><Key>"...)
		body = append(body, html.EscapeString(key)...)
		body = append(body, `</Key><LastModified>`+cmp.Or(l.modified, "2026-11-20T00:05:12.000Z")+`</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>1234</Size><StorageClass>STANDARD</StorageClass></Contents>`...)
		i++
	}
	body = append(body, "<IsTruncated>"+strconv.FormatBool(next != "")+"</IsTruncated>"...)
	if next != "" {
		body = append(body, "<NextContinuationToken>"+base64.URLEncoding.EncodeToString([]byte(next))+"</NextContinuationToken>"...)
	}
	body = append(body, "</ListBucketResult>"...)
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// waves answers requests together: those that come while others wait, until none comes for
// a moment. Their number is how long a listing would take in units of the delay of one
// request, whatever the machine is busy with.
type waves struct {
	mu    sync.Mutex // guards what follows
	n     int
	next  chan struct{}
	timer *time.Timer
}

// quiet is the moment.
const quiet = 20 * time.Millisecond

func (v *waves) join() {
	v.mu.Lock()
	if v.next == nil {
		v.next = make(chan struct{})
		v.timer = time.AfterFunc(quiet, v.answer)
	} else {
		v.timer.Reset(quiet)
	}
	next := v.next
	v.mu.Unlock()
	<-next
}

func (v *waves) answer() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next != nil {
		close(v.next)
		v.next = nil
		v.n++
	}
}

// count returns the number of waves so far. The last one may still be counted when its answers
// are here.
func (v *waves) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.n
}

// fake serves keys, a thousand in a page.
func fake(t testing.TB, k keys) (*lister, *awss3.Client) {
	t.Helper()
	l := &lister{pageSize: 1000, keys: k}
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	return l, awss3.New(awss3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}},
	})
}

// generated are the keys of an organization: every account has a log in every region,
// perDay times a day.
type generated struct {
	accounts, regions, days, perDay int
	first                           time.Time
}

// regions are seventeen, in the order of their names.
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
	"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

func (g generated) len() int { return g.accounts * g.regions * g.days * g.perDay }

func (g generated) key(i int) string {
	n := i % g.perDay
	i /= g.perDay
	year, month, dayOfMonth := g.first.AddDate(0, 0, i%g.days).Date()
	i /= g.days
	region, account := regions[i%g.regions], 100000000000+i/g.regions
	number := func(b []byte, n, width int) []byte { // fmt took a fifth of a benchmark's time
		for range width {
			b = append(b, '0')
		}
		for at := len(b) - 1; n > 0; at, n = at-1, n/10 {
			b[at] = byte('0' + n%10)
		}
		return b
	}
	day := func(b []byte, slash string) []byte {
		b = append(number(b, year, 4), slash...)
		return number(append(number(b, int(month), 2), slash...), dayOfMonth, 2)
	}
	b := make([]byte, 0, 160)
	b = append(number(append(b, "AWSLogs/o-exampleorg1/"...), account, 12), "/CloudTrail/"...)
	b = append(day(append(append(b, region...), '/'), "/"), '/')
	b = append(append(append(number(b, account, 12), "_CloudTrail_"...), region...), '_')
	b = append(day(b, ""), 'T')
	b = number(number(b, n*24/g.perDay, 2), n*24*60/g.perDay%60, 2)
	return string(append(b, "Z_Mo8rBmuc8YhN8GCF.json.gz"...))
}

// sorted returns the keys as a bucket holds them.
func sorted(k ...string) keyList {
	slices.Sort(k)
	return keyList(k)
}
