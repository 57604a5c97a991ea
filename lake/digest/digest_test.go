package digest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func zip(text []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(text) // a buffer takes all
	_ = zw.Close()
	return buf.Bytes()
}

// made is a digest file and its metadata.
type made struct {
	at       Ref
	text     []byte
	metadata map[string]string
}

func (m made) open(keys *Keys) *Checked {
	c := Open(m.at, zip(m.text), m.metadata)
	c.Verify(keys)
	return c
}

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	trail = Name{Account: "111111111111", Region: "eu-west-1", Trail: "my_trail", HomeRegion: "us-east-1"}
)

// chain makes the digests of n hours from start on, each with one log.
func chain(t testing.TB, n int) ([]made, *Keys) {
	t.Helper()
	public := PublicKeyOf(&testKey().PublicKey, start, start.AddDate(1, 0, 0))
	keys := &Keys{}
	keys.Add(public)
	return chainFrom(t, start, n, public.Fingerprint), keys
}

func chainFrom(t testing.TB, start time.Time, n int, fingerprint string) []made {
	var digests []made
	var previous *Previous
	for i := range n {
		name := trail
		name.End = start.Add(time.Duration(i+1) * time.Hour)
		at := Ref{"bucket", name.Key("logs/AWSLogs/")}
		f := &File{
			Account: trail.Account, Start: name.End.Add(-time.Hour), End: name.End, At: at, Fingerprint: fingerprint, Previous: previous,
			Logs: []Log{{Ref{"bucket", fmt.Sprintf("log%d", i)}, hashOf([]byte{byte(i)}), name.End, name.End}},
		}
		text, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		signature, err := Sign(testKey(), text)
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, made{at, text, map[string]string{MetaSignature: signature, MetaAlgorithm: "SHA256withRSA"}})
		previous = &Previous{Ref: at, SHA256: hashOf(text), Signature: signature}
	}
	return digests
}

func opened(digests []made, keys *Keys) []*Checked {
	list := make([]*Checked, len(digests))
	for i, d := range digests {
		list[i] = d.open(keys)
	}
	return list
}

// verdicts walks the digests and returns what is wrong, in words.
func verdicts(list []*Checked, from time.Time) []string {
	byRef := make(map[Ref]*Checked)
	for _, c := range list {
		byRef[c.At] = c
	}
	c := Walk(list, from, func(_ *Checked, r Ref) *Checked { return byRef[r] })
	var out []string
	hour := func(t time.Time) string { return fmt.Sprint(t.Sub(start).Hours()) }
	for _, d := range list {
		switch {
		case d.Invalid != nil:
			out = append(out, hour(d.Name.End)+" "+d.Invalid.Verdict())
		case !d.Verified:
			out = append(out, hour(d.Name.End)+" unchecked")
		}
	}
	for _, m := range c.Missing {
		n, _ := ParseName(m.Key)
		out = append(out, fmt.Sprint(hour(n.End), " missing ", m.Elsewhere))
	}
	for _, g := range c.Gaps {
		out = append(out, "gap "+hour(g.From)+" "+hour(g.To))
	}
	return out
}

func TestWalk(t *testing.T) {
	digests, keys := chain(t, 6)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	wrong := PublicKeyOf(&other.PublicKey, start, start)
	again := chainFrom(t, start.Add(10*time.Hour), 2, PublicKeyOf(&testKey().PublicKey, start, start).Fingerprint)
	resigned := func() made {
		d := digests[2]
		d.text = bytes.Replace(d.text, []byte("log2"), []byte("log9"), 1)
		sig, err := Sign(testKey(), d.text)
		if err != nil {
			t.Fatal(err)
		}
		d.metadata = map[string]string{MetaSignature: sig, MetaAlgorithm: "SHA256withRSA"}
		return d
	}
	without := func(i int) []made { return append(append([]made{}, digests[:i]...), digests[i+1:]...) }
	with := func(i int, d made) []made {
		all := append([]made{}, digests...)
		all[i] = d
		return all
	}
	bare := func(i int) made { d := digests[i]; d.metadata = map[string]string{}; return d }
	for _, c := range []struct {
		name    string
		digests []made
		from    time.Time
		want    string
	}{
		{"whole", digests, time.Time{}, ""},
		{"none", nil, time.Time{}, ""},
		{"one missing", without(3), time.Time{}, "4 missing false"},
		{"the first missing", without(0), time.Time{}, "1 missing false"},
		{"the first missing, before the period", without(0), start.Add(90 * time.Minute), ""},
		{"the newest missing cannot be known", without(5), time.Time{}, ""},
		{"stopped and started", append(append([]made{}, digests...), again...), time.Time{}, "gap 6 10"},
		{"another with its name", with(2, resigned()), time.Time{}, "3 INVALID: not the digest that the next one names"},
		{"no signature in S3", with(2, bare(2)), time.Time{}, "3 INVALID: signature verification failed"},
		{"signature of another", with(2, made{digests[2].at, digests[2].text, digests[3].metadata}), time.Time{}, "3 INVALID: signature verification failed"},
		{"text of another", with(2, made{digests[2].at, digests[3].text, digests[3].metadata}), time.Time{}, "3 INVALID: has been moved from its original location"},
		{"no digest", with(2, made{digests[2].at, []byte("{}"), digests[2].metadata}), time.Time{}, "3 INVALID: invalid format"},
		{"beside the chain", append(append([]made{}, digests...), beside(t, digests)), time.Time{}, "2.5 INVALID: not part of the chain of digests"},
	} {
		if got := strings.Join(verdicts(opened(c.digests, keys), c.from), "; "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	none := &Keys{}
	none.Add(wrong)
	c := digests[0].open(none)
	want := "INVALID: public key not found in region us-east-1 for fingerprint " + c.File.Fingerprint
	if c.Invalid.Verdict() != want {
		t.Errorf("without the key: %s, want %s", c.Invalid.Verdict(), want)
	}
	for _, bad := range []struct {
		value []byte
		want  string
	}{
		{wrong.Value, "INVALID: signature verification failed"},
		{[]byte("no DER"), "INVALID: Unable to load PKCS #1 key with fingerprint " + c.File.Fingerprint},
	} {
		keys := &Keys{}
		keys.Add(PublicKey{Fingerprint: c.File.Fingerprint, Value: bad.value})
		if got := digests[0].open(keys).Invalid.Verdict(); got != bad.want {
			t.Errorf("got %s, want %s", got, bad.want)
		}
	}
}

// beside makes a digest that is signed and that no other names.
func beside(t *testing.T, digests []made) made {
	f, err := Parse(digests[2].text)
	if err != nil {
		t.Fatal(err)
	}
	name := trail
	name.End = start.Add(150 * time.Minute)
	f.At.Key, f.End = name.Key("logs/AWSLogs/"), name.End
	text, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	sig, err := Sign(testKey(), text)
	if err != nil {
		t.Fatal(err)
	}
	return made{f.At, text, map[string]string{MetaSignature: sig, MetaAlgorithm: "SHA256withRSA"}}
}

// TestComplete wants the signatures that a copy on a disk has lost to come from the
// digests after.
func TestComplete(t *testing.T) {
	digests, keys := chain(t, 3)
	list := make([]*Checked, len(digests))
	for i, d := range digests {
		list[i] = Open(d.at, zip(d.text), nil)
	}
	Complete(list)
	for _, c := range list {
		c.Verify(keys)
	}
	if got := strings.Join(verdicts(list, time.Time{}), "; "); got != "3 unchecked" {
		t.Errorf("got %q", got)
	}
	list[0] = Open(digests[0].at, zip(bytes.Replace(digests[0].text, []byte("log0"), []byte("log9"), 1)), nil)
	Complete(list)
	list[0].Verify(keys)
	if list[0].Valid() || list[0].Invalid.Reason != SignatureFailed {
		t.Errorf("a changed digest: %v", list[0].Invalid)
	}
}

func TestParse(t *testing.T) {
	digests, _ := chain(t, 2)
	text := string(digests[1].text)
	for _, c := range []struct{ name, text string }{
		{"empty", ""}, {"null", "null"}, {"list", "[]"}, {"cut", text[:len(text)-1]}, {"more", text + "{}"},
		{"no end", strings.Replace(text, `"digestEndTime"`, `"x"`, 1)},
		{"time", strings.Replace(text, `"digestEndTime":"2026`, `"digestEndTime":"26`, 1)},
		{"order", strings.Replace(text, `"digestEndTime":"2026`, `"digestEndTime":"2025`, 1)},
		{"no logs", strings.Replace(text, `"logFiles"`, `"x"`, 1)},
		{"log without hash", strings.Replace(text, `"hashValue"`, `"x"`, 1)},
		{"number", strings.Replace(text, `"digestS3Bucket":"bucket"`, `"digestS3Bucket":1`, 1)},
		{"not UTF-8", strings.Replace(text, "bucket", "\xff", 1)},
	} {
		if f, err := Parse([]byte(c.text)); err == nil {
			t.Errorf("%s is taken as %+v", c.name, f)
		}
	}
	if f, err := Parse([]byte(strings.Replace(text, "{", `{"later":[1],`, 1))); err != nil || len(f.Logs) != 1 {
		t.Errorf("an unknown member: %v", err)
	}
	// The string to sign of the user guide: end, place, hash, previous signature.
	f, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := "2026-01-01T02:00:00Z\nbucket/logs/AWSLogs/111111111111/CloudTrail-Digest/eu-west-1/2026/01/01/" +
		"111111111111_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20260101T020000Z.json.gz\nHASH\n" + digests[0].metadata[MetaSignature]
	if got := string(f.StringToSign("HASH")); got != want {
		t.Errorf("string to sign\n%s\nwant\n%s", got, want)
	}
	first, err := Parse(digests[0].text)
	if err != nil || !strings.HasSuffix(string(first.StringToSign("H")), "\nH\nnull") {
		t.Errorf("the first signs %q, error %v", first.StringToSign("H"), err)
	}
}

func TestParseName(t *testing.T) {
	for key, want := range map[string]Name{
		"a/111111111111_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20260101T020000Z.json.gz": {
			"111111111111", "eu-west-1", "my_trail", "us-east-1", start.Add(2 * time.Hour), false},
		"111111111111_CloudTrail-Digest_eu-west-1_t_us-gov-east-1_20260101T020000Z_backfill.json.gz": {
			"111111111111", "eu-west-1", "t", "us-gov-east-1", start.Add(2 * time.Hour), true},
		"111111111111_CloudTrail_eu-west-1_20260101T0200Z_abc.json.gz":                  {},
		"111111111111_CloudTrail-Digest_eu-west-1_t_us-east-1_20261301T020000Z.json.gz": {},
	} {
		got, ok := ParseName(key)
		if got != want || ok != (want != Name{}) {
			t.Errorf("%s: %+v, %v", key, got, ok)
		}
		if ok {
			if again, _ := ParseName(got.Key("x/")); again != got {
				t.Errorf("%s comes back as %+v", got.Key("x/"), again)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	public := PublicKeyOf(&testKey().PublicKey, start, start.AddDate(1, 0, 0))
	text, err := EncodeKeys([]PublicKey{public, public})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParseKeys(text)
	if err != nil || keys.Len() != 1 || len(public.Fingerprint) != 32 {
		t.Errorf("%d keys of\n%s\nerror %v", keys.Len(), text, err)
	}
	for _, bad := range []string{"", "{}", `{"PublicKeyList":[{"Value":"*","Fingerprint":"a"}]}`, `{"PublicKeyList":[{"Value":"AAAA"}]}`} {
		if _, err := ParseKeys([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestLogHash(t *testing.T) {
	whole := zip([]byte("text"))
	for _, c := range []struct {
		name   string
		stored []byte
		want   Reason
	}{
		{"whole", whole, ""}, {"no gzip", []byte("text"), InvalidFormat}, {"empty", nil, InvalidFormat}, {"cut", whole[:len(whole)-1], InvalidFormat},
		{"garbage behind", append(bytes.Clone(whole), 0), TrailingData}, {"a second stream", append(bytes.Clone(whole), whole...), TrailingData},
		{"whole again", whole, ""},
	} {
		var l LogReader
		for range 2 { // the second time with what the first left
			sum, err := l.Hash(bytes.NewReader(c.stored))
			var invalid *Invalid
			switch {
			case c.want == "" && (err != nil || sum != hashOf([]byte("text"))):
				t.Errorf("%s: %s, %v", c.name, sum, err)
			case c.want != "" && (!errors.As(err, &invalid) || invalid.Reason != c.want):
				t.Errorf("%s: %s, %v, want %s", c.name, sum, err, c.want)
			}
		}
	}
	broken := errors.New("broken")
	var l LogReader
	if _, err := l.Hash(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("an error of reading became %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestLongDigest wants a digest to be refused that nobody can hold, and none to leave its room behind.
func TestLongDigest(t *testing.T) {
	at := Ref{Key: "d.json.gz"}
	for name, stored := range map[string][]byte{"unzipped": zip(make([]byte, MaxBytes+1)), "as stored": make([]byte, MaxBytes+1)} {
		if c := Open(at, stored, nil); c.File != nil || c.Invalid == nil || !strings.Contains(c.Invalid.Error(), "has more than 64 MB") {
			t.Errorf("too long %s: %v", name, c.Invalid)
		}
	}
	f := new(inflater)
	for size, kept := range map[int]bool{1 << 10: true, maxKept + 1: false} {
		if _, err := f.inflate(zip(make([]byte, size))); err != nil {
			t.Fatal(err)
		}
		f.shrink()
		if got := f.text.Cap() > 0; got != kept {
			t.Errorf("the room of %d bytes is kept: %v", size, got)
		}
	}
}
