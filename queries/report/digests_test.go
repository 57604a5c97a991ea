package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

// digests say of log files, by a part of their names, which text they must have; an empty one
// is that of no file.
type digests map[string][]byte

func (d digests) Expected(_, key string) (sum, by string, ok bool) {
	for part, text := range d {
		if strings.Contains(key, part) {
			hash := sha256.Sum256(text)
			return hex.EncodeToString(hash[:]), "s3://b/digest", true
		}
	}
	return "", "", false
}

func (d digests) Missing(_ context.Context, known func(bucket, key string) bool, looked func(bucket, key, digest string, err error)) error {
	for key := range d {
		if strings.Contains(key, "/") && !strings.Contains(key, "Digest") && !known("", key) {
			looked("", key, "s3://b/digest", fs.ErrNotExist)
		}
	}
	return nil
}

// Gone has the digests, and Sound those that are to have come again.
func (digests) Unread(func(key string, err error)) {}

func (d digests) Gone(f func(bucket, key, by string)) {
	for key, text := range d {
		if strings.Contains(key, "Digest") && text == nil {
			f("", key, "s3://b/digest")
		}
	}
}

func (d digests) Sound(_, key string) bool { return d[key] != nil }

func (digests) Invalid(func(string)) {}

// TestDigests wants a report to count what digests say of log files of the period, to say
// first where they were changed, and to be the same for the same snapshot whatever is learnt
// later.
func TestDigests(t *testing.T) {
	logs := t.TempDir()
	const one, two = "111122223333", "444455556666"
	record := func(account string) string {
		return `{"eventVersion":"1.09","eventTime":"2026-10-02T10:00:00Z","eventSource":"a.amazonaws.com","eventName":"C","eventID":"` + account + `","eventCategory":"Management"}`
	}
	day := func(n int) time.Time { return time.Date(2026, 10, n, 10, 5, 0, 0, time.UTC) }
	deliver(t, logs, one, "us-east-1", day(2), record("a"))
	deliver(t, logs, two, "us-east-1", day(2), record("b"))
	deliver(t, logs, two, "eu-west-1", day(2), record("c")+","+record("d"))
	deliver(t, logs, two, "eu-west-1", time.Date(2026, 9, 2, 10, 5, 0, 0, time.UTC), record("e")) // not of the period
	l := laketest.New(t)
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2})
	pack := &queries.Pack{Name: "p", Controls: []queries.Control{
		control("pass", queries.ExpectNone, "", named("Z")), control("evidence", queries.ExpectSome, "", named("C")),
		control("findings", queries.ExpectNone, "", named("C")),
	}}
	period := Period{Since: day(2).Truncate(24 * time.Hour), Until: day(2).Truncate(24 * time.Hour).Add(11 * time.Hour)} // nothing else is missing
	run := func(at lake.Point) (*Report, []byte) {
		t.Helper()
		r, err := Run(t.Context(), e, Config{Pack: pack, Queries: ownQueries(t), Period: period, Snapshot: at})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return r, text
	}
	ingest := func(d digests) {
		t.Helper()
		if _, err := s.Ingest(t.Context(), src, lake.IngestOptions{Digests: d}); err != nil {
			t.Fatal(err)
		}
	}
	known := digests{one: []byte(`{"Records":[` + record("a") + `]}`), "us-east-1": []byte(`{"Records":[` + record("b") + `]}`)}
	ingest(digests{one: known[one]})
	before, text := run(lake.Point{})
	want := Digests{Verified: Delivered{1, 1}, Unverified: Delivered{2, 3}}
	if before.Coverage.Digests != want || len(before.Coverage.Gaps) != 0 || before.Summary[VerdictPass] != 1 || before.Summary[VerdictEvidence] != 1 {
		t.Errorf("at first: %+v, gaps %v, %v", before.Coverage.Digests, before.Coverage.Gaps, before.Summary)
	}
	// A digest comes later, and says that a log was changed.
	known["eu-west-1"] = []byte("what was delivered")
	ingest(known)
	after, _ := run(lake.Point{})
	want = Digests{Verified: Delivered{2, 2}, Failed: Delivered{1, 2}}
	if after.Coverage.Digests != want || after.Store.Snapshot == before.Store.Snapshot {
		t.Errorf("later: %+v of snapshot %d", after.Coverage.Digests, after.Store.Snapshot)
	}
	const gap = "1 log file of account 444455556666, with 2 records, is not what CloudTrail delivered, by its digests"
	if len(after.Coverage.Gaps) != 1 || after.Coverage.Gaps[0].Kind != GapModified || after.Coverage.Gaps[0].Account != two || after.Coverage.Gaps[0].Text != gap {
		t.Errorf("gaps %+v", after.Coverage.Gaps)
	}
	for i, want := range []struct {
		v      Verdict
		reason string
	}{{VerdictIncomplete, "data of the period was changed: " + gap}, {VerdictIncomplete, "data of the period was changed: " + gap}, {VerdictFindings, "data of the period was changed: " + gap}} {
		if c := after.Controls[i]; c.Verdict != want.v || c.Reason != want.reason {
			t.Errorf("%s is %s: %s", c.ID, c.Verdict, c.Reason)
		}
	}
	// A log of the period is not there, and one of another.
	for _, at := range []time.Time{day(2), day(20)} {
		name := "444455556666_CloudTrail_eu-west-1_" + at.Format("20060102T1504Z") + "_gone.json.gz"
		known["/AWSLogs/444455556666/CloudTrail/eu-west-1/"+at.Format("2006/01/02/")+name] = nil
	}
	ingest(known)
	after, _ = run(lake.Point{})
	want.Missing = 1
	const lost = "1 log file of account 444455556666 that CloudTrail delivered, by its digests, was not there to be ingested"
	if g := after.Coverage.Gaps; after.Coverage.Digests != want || len(g) != 2 || g[1].Kind != GapMissingLogs || g[1].Account != two || g[1].Text != lost {
		t.Errorf("with a missing log: %+v, gaps %+v", after.Coverage.Digests, g)
	}
	// So are a digest of the period and one of another, and the first comes again.
	place := func(at time.Time) string {
		return "/AWSLogs/444455556666/CloudTrail-Digest/eu-west-1/" + at.Format("2006/01/02/") + "444455556666_CloudTrail-Digest_eu-west-1_t_eu-west-1_" + at.Format("20060102T150405Z") + ".json.gz"
	}
	known[place(day(2))], known[place(day(20))] = nil, nil
	ingest(known)
	after, _ = run(lake.Point{})
	want.MissingDigests = 1
	const untold = "1 digest, or several in a row, of account 444455556666 that CloudTrail delivered, by its digests, was not there or not valid, so that log files may be missing without a trace"
	if g := after.Coverage.Gaps; after.Coverage.Digests != want || len(g) != 3 || g[2].Kind != GapMissingDigests || g[2].Account != two || g[2].Text != untold {
		t.Errorf("with a missing digest: %+v, gaps %+v", after.Coverage.Digests, g)
	}
	known[place(day(2))] = []byte("{}")
	ingest(known)
	after, _ = run(lake.Point{})
	want.MissingDigests = 0
	if after.Coverage.Digests != want || len(after.Coverage.Gaps) != 2 {
		t.Errorf("with the digest again: %+v, gaps %+v", after.Coverage.Digests, after.Coverage.Gaps)
	}
	if _, again := run(lake.Point{ID: before.Store.Snapshot}); !bytes.Equal(again, text) {
		t.Errorf("the report of the snapshot before was\n%s\nand is\n%s", text, again)
	}
}
