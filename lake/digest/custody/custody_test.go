package custody_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/digest"
	"traillake/lake/digest/custody"
	"traillake/lake/source"
)

var (
	start   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	signing = sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		return key
	})
)

// buckets is a source of several buckets, of which List shows those that are listed.
type buckets struct {
	objects  map[digest.Ref][]byte
	metadata map[digest.Ref]map[string]string
	listed   []string
	refused  digest.Ref           // what nobody may look at
	unread   map[digest.Ref]error // what reading says
}

var errRefused = errors.New("refused")

func newBuckets(listed ...string) *buckets {
	return &buckets{objects: map[digest.Ref][]byte{}, metadata: map[digest.Ref]map[string]string{}, listed: listed}
}

func (b *buckets) object(r digest.Ref) source.Object {
	return source.Object{Bucket: r.Bucket, Key: r.Key, ETag: "e", Size: int64(len(b.objects[r])), Place: source.ParseKey(r.Key)}
}

func (b *buckets) list(digests bool) iter.Seq2[source.Object, error] {
	refs := slices.SortedFunc(maps.Keys(b.objects), func(a, b digest.Ref) int { return strings.Compare(a.String(), b.String()) })
	return func(yield func(source.Object, error) bool) {
		for _, r := range refs {
			if slices.Contains(b.listed, r.Bucket) && strings.Contains(r.Key, "/CloudTrail-Digest/") == digests && !yield(b.object(r), nil) {
				return
			}
		}
	}
}

func (b *buckets) List(context.Context) iter.Seq2[source.Object, error] { return b.list(false) }

func (b *buckets) ListDigests(context.Context, time.Time) iter.Seq2[source.Object, error] {
	return b.list(true)
}

func (b *buckets) Open(_ context.Context, o source.Object) (io.ReadCloser, error) {
	text, ok := b.objects[digest.Ref{Bucket: o.Bucket, Key: o.Key}]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

func (b *buckets) ReadDigest(_ context.Context, o source.Object) ([]byte, map[string]string, error) {
	r := digest.Ref{Bucket: o.Bucket, Key: o.Key}
	if err := b.unread[r]; err != nil {
		return b.objects[r], nil, err
	}
	return b.objects[r], b.metadata[r], nil
}

func (b *buckets) Stat(_ context.Context, o source.Object) (source.Object, error) {
	r := digest.Ref{Bucket: o.Bucket, Key: o.Key}
	if r == b.refused && r.Key != "" {
		return o, errRefused
	}
	if _, ok := b.objects[r]; !ok {
		return source.Object{}, fs.ErrNotExist
	}
	return b.object(r), nil
}

func (b *buckets) Below(o source.Object) bool { return slices.Contains(b.listed, o.Bucket) }

func zip(text []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(text) // a buffer takes all
	_ = zw.Close()
	return buf.Bytes()
}

// log puts a log with one event into a bucket, delivered in an hour, and returns what a digest
// says of it.
func (b *buckets) log(bucket string, hour int, id string) digest.Log {
	at := start.Add(time.Duration(hour)*time.Hour + 30*time.Minute)
	text := []byte(fmt.Sprintf(`{"Records":[{"eventVersion":"1.10","eventTime":%q,"eventID":"%s%d","eventCategory":"Management"}]}`, at.Format(time.RFC3339), id, hour))
	r := digest.Ref{Bucket: bucket, Key: "AWSLogs/111111111111/CloudTrail/eu-west-1/" + at.Format("2006/01/02/") + "111111111111_CloudTrail_eu-west-1_" + at.Format("20060102T1504Z") + "_" + id + ".json.gz"}
	b.objects[r] = zip(text)
	sum := sha256.Sum256(text)
	return digest.Log{Ref: r, SHA256: hex.EncodeToString(sum[:]), Oldest: at, Newest: at}
}

// digest puts the digest of an hour into a bucket and returns what the next one says of it.
func (b *buckets) digest(t testing.TB, bucket string, hour int, backfill bool, previous *digest.Previous, logs ...digest.Log) *digest.Previous {
	t.Helper()
	n := digest.Name{Account: "111111111111", Region: "eu-west-1", Trail: "trail", HomeRegion: "us-east-1", End: start.Add(time.Duration(hour+1) * time.Hour), Backfill: backfill}
	r := digest.Ref{Bucket: bucket, Key: n.Key("AWSLogs/")}
	f := &digest.File{Account: n.Account, Start: n.End.Add(-time.Hour), End: n.End, At: r, Fingerprint: digest.PublicKeyOf(&signing().PublicKey, start, start).Fingerprint, Previous: previous, Logs: logs}
	text, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := digest.Sign(signing(), text)
	if err != nil {
		t.Fatal(err)
	}
	b.objects[r] = zip(text)
	b.metadata[r] = map[string]string{digest.MetaSignature: signature, digest.MetaAlgorithm: "SHA256withRSA", digest.MetaBackfill: "2026-01-02T00:00:00.000Z"}
	sum := sha256.Sum256(text)
	return &digest.Previous{Ref: r, SHA256: hex.EncodeToString(sum[:]), Signature: signature}
}

// known is an Options.Keys that has the same keys for all.
func known(keys *digest.Keys) func(context.Context, []string, time.Time, time.Time) (*digest.Keys, error) {
	return func(context.Context, []string, time.Time, time.Time) (*digest.Keys, error) { return keys, nil }
}

func options(byChain bool) custody.Options {
	keys := &digest.Keys{}
	keys.Add(digest.PublicKeyOf(&signing().PublicKey, start, start.AddDate(1, 0, 0)))
	return custody.Options{Keys: known(keys), ByChain: byChain, Workers: 2}
}

// moved has a trail whose bucket is "old" for three hours and "new" for three more, where a
// backfill digest names a log of the second hour that came late, beside one that was changed.
func moved(t testing.TB, listed ...string) *buckets {
	b := newBuckets(listed...)
	var previous *digest.Previous
	for hour := range 6 {
		bucket := "old"
		if hour > 2 {
			bucket = "new"
		}
		previous = b.digest(t, bucket, hour, false, previous, b.log(bucket, hour, "usual"))
	}
	late, changed := b.log("new", 4, "late"), b.log("new", 4, "changed")
	b.objects[changed.Ref] = zip([]byte(`{"Records":[]}`))
	first := b.digest(t, "new", 4, true, nil, late)
	b.digest(t, "new", 5, true, first, changed)
	b.log("new", 9, "after") // of a time whose digest is still to come
	return b
}

// ingested returns the verdicts of the ledger, by the ends of keys.
func ingested(t *testing.T, b *buckets, byChain bool) map[string]int {
	t.Helper()
	l, err := lake.OpenOrCreate(t.Context(), filepath.Join(t.TempDir(), "lake"), lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	sums, err := custody.Load(t.Context(), b, options(byChain))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ingest(t.Context(), b, lake.IngestOptions{Digests: sums}); err != nil {
		t.Fatal(err)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]int{}
	for o, err := range sn.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(o.Key[strings.LastIndexByte(o.Key, '_')+1:], ".json.gz")
		verdicts[fmt.Sprintf("%s %s %s", o.Bucket, name, o.Verdict)]++
	}
	return verdicts
}

// TestMovedAndBackfill wants an ingest to follow a trail into its old bucket, to take what
// backfill digests name, and to know nothing of what none names.
func TestMovedAndBackfill(t *testing.T) {
	both := map[string]int{"old usual verified": 3, "new usual verified": 3, "new late verified": 1, "new changed failed": 1, "new after ": 1}
	onlyNew := maps.Clone(both)
	delete(onlyNew, "old usual verified")
	for _, byChain := range []bool{false, true} {
		if got := ingested(t, moved(t, "old", "new"), byChain); !maps.Equal(got, both) {
			t.Errorf("by chain %v: both buckets give %v, want %v", byChain, got, both)
		}
		if got := ingested(t, moved(t, "new"), byChain); !maps.Equal(got, onlyNew) {
			t.Errorf("by chain %v: the new bucket gives %v, want %v", byChain, got, onlyNew)
		}
	}
	// The old bucket need not be listed for its digests and logs to be verified.
	r, err := custody.Verify(t.Context(), moved(t, "new"), options(false))
	if err != nil {
		t.Fatal(err)
	}
	if r.Digests != (custody.Count{Valid: 6}) || r.Backfill != (custody.Count{Valid: 2}) || r.Logs != (custody.Count{Valid: 7, Invalid: 1}) || len(r.Findings) != 1 || r.Findings[0].Verdict != "INVALID: hash value doesn't match" {
		t.Errorf("digests %+v, backfill %+v, logs %+v, findings %+v", r.Digests, r.Backfill, r.Logs, r.Findings)
	}
	// Where it cannot be reached, its last digest is missing, and told to be elsewhere.
	gone := moved(t, "new")
	maps.DeleteFunc(gone.objects, func(r digest.Ref, _ []byte) bool { return r.Bucket == "old" })
	if r, err = custody.Verify(t.Context(), gone, options(false)); err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 2 || r.Findings[1].Verdict == r.Findings[0].Verdict || r.Logs.Valid != 4 {
		t.Errorf("without the old bucket: logs %+v, findings %+v", r.Logs, r.Findings)
	}
	for _, f := range r.Findings {
		if f.Kind == custody.KindDigest && (f.Verdict != "INVALID: not found" || f.Detail != "the trail changed its bucket: old is another one") {
			t.Errorf("finding %+v", f)
		}
	}
	if got := ingested(t, gone, true); !maps.Equal(got, onlyNew) {
		t.Errorf("without the old bucket the ingest gives %v", got)
	}
}

// TestBackfillOrder wants the findings of the newest digest first, also where a chain of backfill digests
// led to older ones that were not listed.
func TestBackfillOrder(t *testing.T) {
	b := newBuckets("new")
	var previous *digest.Previous
	var want []string
	for hour, bucket := range []string{"old", "old", "new", "new"} {
		changed := b.log(bucket, hour, "changed")
		b.objects[changed.Ref] = zip([]byte(`{"Records":[]}`))
		previous = b.digest(t, bucket, hour, true, previous, changed)
		want = append([]string{changed.Ref.String()}, want...)
	}
	r, err := custody.Verify(t.Context(), b, options(false))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		if f.Kind == custody.KindLog {
			got = append(got, f.Object)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("findings of %q, want %q", got, want)
	}
}

// TestSums wants a log to be what a valid digest says, in whatever way it says it, and never to be
// what a digest does not say.
func TestSums(t *testing.T) {
	b := newBuckets("b")
	names := map[string]func(string) string{
		"same": func(s string) string { return s }, "upper": strings.ToUpper, "long": func(s string) string { return s + s }, "short": func(s string) string { return s[:62] },
		"odd": func(s string) string { return s[:63] }, "none": func(s string) string { return s[:63] + "g" },
	}
	var logs []digest.Log
	for _, name := range slices.Sorted(maps.Keys(names)) {
		l := b.log("b", 0, name)
		l.SHA256 = names[name](l.SHA256)
		logs = append(logs, l)
	}
	// A log that cannot be read to its end is not what any of them says.
	cut := b.log("b", 0, "cut")
	b.objects[cut.Ref] = b.objects[cut.Ref][:40]
	cut.SHA256 = "no SHA-256"
	// What the first valid digest says counts, and not what an invalid one says.
	first, second, third := b.log("b", 0, "first"), b.log("b", 0, "second"), b.log("b", 0, "third")
	wrong := func(l digest.Log) digest.Log { l.SHA256 = strings.Repeat("0", 64); return l }
	previous := b.digest(t, "b", 0, false, nil, append(logs, cut, first, wrong(second))...)
	forged := b.digest(t, "b", 1, false, previous, wrong(third))
	b.metadata[forged.Ref][digest.MetaSignature] = strings.Repeat("00", 256)
	b.digest(t, "b", 2, false, forged, wrong(first), second, third)
	want := map[string]int{
		"b same verified": 1, "b upper verified": 1, "b long failed": 1, "b short failed": 1, "b odd failed": 1, "b none failed": 1, "b cut failed": 1,
		"b first verified": 1, "b second failed": 1, "b third verified": 1,
	}
	for _, byChain := range []bool{false, true} {
		if got := ingested(t, b, byChain); !maps.Equal(got, want) {
			t.Errorf("by chain %v: %v, want %v", byChain, got, want)
		}
	}
}

// TestMissing wants logs to be looked for that valid digests name, and no others.
func TestMissing(t *testing.T) {
	b := newBuckets("b")
	var logs []digest.Log
	for _, id := range []string{"here", "gone", "gone2", "known"} {
		logs = append(logs, b.log("b", 0, id))
	}
	elsewhere := b.log("other", 0, "elsewhere")
	b.refused = b.log("b", 0, "refused").Ref
	logs = append(logs, digest.Log{Ref: b.refused, SHA256: strings.Repeat("0", 64)})
	previous := b.digest(t, "b", 0, false, nil, append(logs, elsewhere)...)
	unsigned := b.log("b", 1, "unsigned")
	forged := b.digest(t, "b", 1, false, previous, unsigned)
	b.metadata[forged.Ref][digest.MetaSignature] = strings.Repeat("00", 256)
	b.digest(t, "b", 2, false, forged, logs[1])
	for _, l := range slices.Concat(logs[1:], []digest.Log{elsewhere, unsigned}) {
		delete(b.objects, l.Ref)
	}
	sums, err := custody.Load(t.Context(), b, options(false))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	find := func(ctx context.Context) error {
		return sums.Missing(ctx, func(bucket, key string) bool { return bucket == "b" && strings.Contains(key, "_known") }, func(bucket, key, digest string, err error) {
			got[bucket+"/"+key] = digest + fmt.Sprint(err)
		})
	}
	if err := find(t.Context()); err != nil {
		t.Fatal(err)
	}
	place := func(l digest.Log) string { return l.Bucket + "/" + l.Key }
	by := previous.Ref.String()
	gone := by + fs.ErrNotExist.Error()
	want := map[string]string{place(logs[0]): by + "<nil>", place(logs[1]): gone, place(logs[2]): gone, place(logs[4]): by + errRefused.Error()}
	if !maps.Equal(got, want) {
		t.Errorf("looked for are %v, want %v", got, want)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := find(over); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestGone wants digests that valid ones name to be gone where they are not there or not valid, but
// before the oldest valid one of a trail.
func TestGone(t *testing.T) {
	b := newBuckets("b", "old")
	var refs []digest.Ref
	previous := b.digest(t, "old", 20, false, nil)
	for i := range 9 { // from 22:00 on, over midnight
		previous = b.digest(t, "b", 21+i, false, previous)
		refs = append(refs, previous.Ref)
	}
	delete(b.objects, digest.Ref{Bucket: "old", Key: strings.Replace(refs[0].Key, "T220000Z", "T210000Z", 1)})
	delete(b.objects, refs[0]) // as time would
	delete(b.objects, refs[3])
	b.objects[refs[5]] = zip([]byte("{}"))
	b.metadata[refs[7]][digest.MetaSignature] = strings.Repeat("00", 256)
	for i, byChain := range []bool{false, true, false, true} {
		o := options(byChain)
		if i > 1 { // the day that is asked for is not the first because nobody asked for the one before
			o.From = start.AddDate(0, 0, 1)
		}
		sums, err := custody.Load(t.Context(), b, o)
		if err != nil {
			t.Fatal(err)
		}
		invalid := 0
		sums.Invalid(func(string) { invalid++ })
		if want := map[bool]int{false: 4, true: 3}[i > 1]; invalid != want {
			t.Errorf("%d digests are invalid, want %d", invalid, want)
		}
		got := map[string]string{}
		sums.Gone(func(bucket, key, by string) { got[bucket+"/"+key] = by })
		want := map[string]string{}
		for _, i := range []int{3, 5, 7} {
			want[refs[i].Bucket+"/"+refs[i].Key] = refs[i+1].String()
		}
		if !maps.Equal(got, want) {
			t.Errorf("gone are %v, want %v", got, want)
		}
		for i, r := range refs {
			if want := !slices.Contains([]int{0, 3, 5, 7}, i); sums.Sound(r.Bucket, r.Key) != want {
				t.Errorf("digest %d is sound: %v", i, !want)
			}
		}
	}
	// Nor is one of the first day that is left: time may be at it.
	late := newBuckets("b")
	var middle digest.Ref
	previous = nil
	for i := range 5 {
		previous = late.digest(t, "b", 3+i, false, previous)
		if i == 2 {
			middle = previous.Ref
		}
	}
	delete(late.objects, middle)
	first, err := custody.Load(t.Context(), late, options(false))
	if err != nil {
		t.Fatal(err)
	}
	first.Gone(func(_, key, _ string) { t.Errorf("of the first day %s is gone", key) })
	// Without its public key nothing is known of a digest, but that one is none.
	sums, err := custody.Load(t.Context(), b, custody.Options{Keys: known(&digest.Keys{})})
	if err != nil {
		t.Fatal(err)
	}
	sums.Gone(func(_, key, _ string) {
		if key != refs[5].Key {
			t.Errorf("without keys %s is gone", key)
		}
	})
	// Nor of one that nobody may look at.
	b.refused = refs[3]
	if sums, err = custody.Load(t.Context(), b, options(false)); err != nil {
		t.Fatal(err)
	}
	sums.Gone(func(_, key, _ string) {
		if key == refs[3].Key {
			t.Error("what nobody may look at is gone")
		}
	})
}

// TestForged wants digests that are there and that CloudTrail did not make to be told without another
// that names them, a run of them once; and what could not be read to be told apart.
func TestForged(t *testing.T) {
	chain := func(nextDay bool) (*buckets, []digest.Ref) {
		b := newBuckets("b")
		var refs []digest.Ref
		var previous *digest.Previous
		for i := range 6 { // all of one day, but "the next day"
			if i == 5 && nextDay {
				i += 24
			}
			previous = b.digest(t, "b", i, false, previous)
			refs = append(refs, previous.Ref)
		}
		return b, refs
	}
	forge := func(b *buckets, refs ...digest.Ref) {
		for _, r := range refs {
			b.objects[r] = zip([]byte("{}"))
		}
	}
	for _, test := range []struct {
		name   string
		change func(b *buckets, refs []digest.Ref)
		want   map[int]int // which one is gone, and by which one
		unread []int
	}{
		{"whole", func(*buckets, []digest.Ref) {}, nil, nil},
		{"the newest", func(b *buckets, refs []digest.Ref) { forge(b, refs[5]) }, map[int]int{5: 5}, nil},
		{"two runs", func(b *buckets, refs []digest.Ref) { forge(b, refs[1], refs[2], refs[5]) }, map[int]int{2: 2, 5: 5}, nil},
		{"all", func(b *buckets, refs []digest.Ref) { forge(b, refs...) }, map[int]int{5: 5}, nil},
		{"the next day", func(b *buckets, refs []digest.Ref) { forge(b, refs[2:]...) }, map[int]int{4: 4, 5: 5}, nil},
		{"another signature", func(b *buckets, refs []digest.Ref) {
			b.metadata[refs[5]][digest.MetaSignature] = b.metadata[refs[4]][digest.MetaSignature]
		}, map[int]int{5: 5}, nil},
		{"no signature", func(b *buckets, refs []digest.Ref) { delete(b.metadata[refs[5]], digest.MetaSignature) }, nil, nil},
		{"in another place", func(b *buckets, refs []digest.Ref) {
			b.objects[refs[5]], b.metadata[refs[5]] = b.objects[refs[4]], b.metadata[refs[4]]
		}, nil, nil},
		{"not to be read", func(b *buckets, refs []digest.Ref) {
			b.unread = map[digest.Ref]error{refs[3]: errRefused, refs[5]: fs.ErrNotExist}
		}, nil, []int{3, 5}},
		{"bad metadata", func(b *buckets, refs []digest.Ref) {
			bad := fmt.Errorf("read: %w", &digest.Invalid{Reason: digest.InvalidFormat})
			b.unread = map[digest.Ref]error{refs[3]: bad, refs[5]: bad} // the next one tells the signature of the first
		}, map[int]int{5: 5}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, refs := chain(test.name == "the next day")
			test.change(b, refs)
			sums, err := custody.Load(t.Context(), b, options(true))
			if err != nil {
				t.Fatal(err)
			}
			got, want := map[string]string{}, map[string]string{}
			sums.Gone(func(bucket, key, by string) { got["s3://"+bucket+"/"+key] = by })
			for i, by := range test.want {
				want[refs[i].String()] = refs[by].String()
			}
			if !maps.Equal(got, want) {
				t.Errorf("gone are %v, want %v", got, want)
			}
			var unread []int
			sums.Unread(func(key string, err error) {
				if err == nil {
					t.Errorf("%s is unread for no reason", key)
				}
				unread = append(unread, slices.IndexFunc(refs, func(r digest.Ref) bool { return r.Key == key }))
			})
			if !slices.Equal(unread, test.unread) {
				t.Errorf("unread are %v, want %v", unread, test.unread)
			}
			r, err := custody.Verify(t.Context(), b, options(false))
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]int{}
			for _, f := range r.Findings {
				if f.Object != "" {
					told[strings.TrimPrefix(f.Object, "s3://b/")]++
				}
			}
			for object, n := range told {
				if n > 1 {
					t.Errorf("%s is found at fault %d times", object, n)
				}
			}
		})
	}
	// A digest that was listed and is gone when it is read is gone where another names it.
	b := newBuckets("b")
	var refs []digest.Ref
	var previous *digest.Previous
	for i := range 30 {
		previous = b.digest(t, "b", i, false, previous)
		refs = append(refs, previous.Ref)
	}
	b.unread = map[digest.Ref]error{refs[28]: fs.ErrNotExist}
	sums, err := custody.Load(t.Context(), b, options(false))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	sums.Gone(func(_, key, by string) {
		if n++; key != refs[28].Key || by != refs[29].String() {
			t.Errorf("%s is gone, and %s names it", key, by)
		}
	})
	sums.Unread(func(key string, err error) { t.Errorf("%s is unread: %v", key, err) })
	if n != 1 {
		t.Errorf("%d are gone", n)
	}
}

// TestCopies wants a log to have to be what digests say of its name, wherever it lies: a text of
// one's own under that name is not that log.
func TestCopies(t *testing.T) {
	b := newBuckets("b")
	l, other := b.log("b", 0, "abcdefghijklmnop"), b.log("b", 0, "short")
	b.digest(t, "b", 0, false, nil, l, other)
	sums, err := custody.Load(t.Context(), b, options(false))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{l.Key, "copies/" + path.Base(l.Key), "unzipped/" + strings.TrimSuffix(path.Base(l.Key), ".gz")} {
		if sum, _, ok := sums.Expected("b", key); !ok || sum != l.SHA256 {
			t.Errorf("of %s digests say %q, %v", key, sum, ok)
		}
	}
	if _, _, ok := sums.Expected("b", "copies/"+path.Base(other.Key)); ok {
		t.Error("a name that CloudTrail does not give is taken for a log's")
	}
}

// TestByChain changes digests in every way: what is believed of them by the chain is what is
// believed by every signature.
func TestByChain(t *testing.T) {
	const hours = 5
	whole := newBuckets("b")
	var previous *digest.Previous
	var refs []digest.Ref
	for hour := range hours {
		previous = whole.digest(t, "b", hour, false, previous, whole.log("b", hour, "x"))
		refs = append(refs, previous.Ref)
	}
	resign := func(b *buckets, r digest.Ref, change func(*digest.File)) {
		zr, err := gzip.NewReader(bytes.NewReader(b.objects[r]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(zr)
		if err != nil {
			t.Fatal(err)
		}
		f, err := digest.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		change(f)
		if text, err = f.Encode(); err != nil {
			t.Fatal(err)
		}
		signature, err := digest.Sign(signing(), text)
		if err != nil {
			t.Fatal(err)
		}
		b.objects[r] = zip(text)
		b.metadata[r] = map[string]string{digest.MetaSignature: signature, digest.MetaAlgorithm: "SHA256withRSA"}
	}
	for name, change := range map[string]func(b *buckets, r digest.Ref){
		"nothing":             func(*buckets, digest.Ref) {},
		"missing":             func(b *buckets, r digest.Ref) { delete(b.objects, r) },
		"no signature":        func(b *buckets, r digest.Ref) { b.metadata[r] = map[string]string{} },
		"signature not known": func(b *buckets, r digest.Ref) { delete(b.metadata, r) },
		"forged signature": func(b *buckets, r digest.Ref) {
			b.metadata[r] = maps.Clone(b.metadata[r])
			b.metadata[r][digest.MetaSignature] = strings.Repeat("00", 256)
		},
		"another text": func(b *buckets, r digest.Ref) {
			signature := b.metadata[r]
			resign(b, r, func(f *digest.File) { f.Logs = nil })
			b.metadata[r] = signature
		},
		"another digest":  func(b *buckets, r digest.Ref) { resign(b, r, func(f *digest.File) { f.Logs = nil }) },
		"unknown key":     func(b *buckets, r digest.Ref) { resign(b, r, func(f *digest.File) { f.Fingerprint = "x" }) },
		"another place":   func(b *buckets, r digest.Ref) { resign(b, r, func(f *digest.File) { f.At.Key += "x" }) },
		"previous is cut": func(b *buckets, r digest.Ref) { resign(b, r, func(f *digest.File) { f.Previous = nil }) },
		"not a digest":    func(b *buckets, r digest.Ref) { b.objects[r] = []byte("x") },
	} {
		for i := range hours {
			b := &buckets{objects: maps.Clone(whole.objects), metadata: maps.Clone(whole.metadata), listed: whole.listed}
			change(b, refs[i])
			var said [2]string
			for j, byChain := range []bool{false, true} {
				r, err := custody.Verify(t.Context(), b, options(byChain))
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				said[j] = string(text)
			}
			if said[0] != said[1] {
				t.Errorf("%s at hour %d: by signatures\n%s\nby the chain\n%s", name, i, said[0], said[1])
			}
			// Of the newest digest nothing tells whether it is what CloudTrail signed first.
			newest := i == hours-1 && slices.Contains([]string{"missing", "another digest", "previous is cut"}, name)
			if clean := !strings.Contains(said[0], `INVALID`); clean != (newest || name == "nothing" || name == "signature not known") {
				t.Errorf("%s at hour %d: %s", name, i, said[0])
			}
		}
	}
}

// TestCancelled wants nothing of a log to be read any more once the check has been called off.
func TestCancelled(t *testing.T) {
	b := newBuckets("b")
	b.digest(t, "b", 0, false, nil, b.log("b", 0, "long"))
	ctx, cancel := context.WithCancel(t.Context())
	src := &cancelling{buckets: b, cancel: cancel}
	if _, err := custody.Verify(ctx, src, options(false)); !errors.Is(err, context.Canceled) || src.reads != 1 {
		t.Errorf("%d reads, error %v", src.reads, err)
	}
}

// cancelling ends a context while a log is read, byte by byte.
type cancelling struct {
	*buckets
	cancel func()
	reads  int
}

func (c *cancelling) Open(ctx context.Context, o source.Object) (io.ReadCloser, error) {
	r, err := c.buckets.Open(ctx, o)
	return cancellingReader{r, c}, err
}

type cancellingReader struct {
	io.ReadCloser
	of *cancelling
}

func (r cancellingReader) Read(p []byte) (int, error) {
	r.of.reads++
	r.of.cancel()
	return r.ReadCloser.Read(p[:1])
}
