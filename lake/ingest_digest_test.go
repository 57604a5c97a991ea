package lake_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/source"
	"traillake/lake/source/dir"
)

// digests knows the text of files by the ends of their paths.
type digests map[string]string

func (d digests) Expected(_, key string) (sum, by string, ok bool) {
	text, ok := d[filepath.Base(key)]
	h := sha256.Sum256([]byte(text))
	return strings.ToUpper(hex.EncodeToString(h[:])), "s3://b/digest", ok
}

func (d digests) Missing(context.Context, func(bucket, key string) bool, func(bucket, key, digest string, err error)) error {
	return nil
}

func (d digests) Gone(func(bucket, key, by string)) {}

func (d digests) Unread(func(key string, err error)) {}

func (d digests) Sound(string, string) bool { return false }

func (d digests) Invalid(func(string)) {}

// named are digests that name files of a folder, by their paths below it.
type named struct {
	digests
	root  string
	files []string
	odd   error // of the file odd.json
	err   error
}

func (n named) Missing(_ context.Context, known func(bucket, key string) bool, looked func(bucket, key, digest string, err error)) error {
	for _, f := range n.files {
		path := filepath.Join(n.root, filepath.FromSlash(f))
		if known("", path) {
			continue
		}
		_, err := os.Stat(path)
		if f == "odd.json" {
			err = n.odd
		}
		looked("", path, "s3://b/digest", err)
	}
	return n.err
}

// verdicts lists what the ledger says, by file.
func verdicts(t *testing.T, s *lake.Store) string {
	t.Helper()
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return verdictsOf(t, sn)
}

func verdictsOf(t *testing.T, sn *lake.Snapshot) string {
	t.Helper()
	found := map[string]string{}
	for o, err := range sn.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		v := string(o.Verdict)
		if v != "" && o.Digest != "s3://b/digest" || v == "" && o.Digest != "" {
			t.Errorf("%s is %q by %q", o.Key, v, o.Digest)
		}
		if v == "" {
			v = "unknown"
		}
		found[filepath.Base(o.Key)] += v
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(found)) {
		out = append(out, k+" "+found[k])
	}
	return strings.Join(out, ", ")
}

// large gives workers a text that they do not hold, and objects that they do not read whole.
var large = document(event(90), strings.Repeat(" ", 17<<20)+event(91))

func TestIngestDigests(t *testing.T) {
	good, changed := document(event(1), event(2)), document(event(3))
	cut := zip(t, document(event(4)))
	files := map[string]string{
		"good.json.gz": zip(t, good), "plain.json": document(event(5)), "changed.json.gz": zip(t, changed), "none.json.gz": zip(t, document(event(6))),
		"cut.json.gz": cut[:len(cut)-9], "large.json.gz": zip(t, large), "empty.json": "",
	}
	known := digests{
		"good.json.gz": good, "plain.json": document(event(5)), "changed.json.gz": document(event(7)), "cut.json.gz": document(event(4)), "large.json.gz": large,
		"empty.json": "not empty",
	}
	for _, whole := range []int64{0, 1} {
		t.Run(fmt.Sprint("check", whole), func(t *testing.T) {
			s := newStore(t)
			r := ingest(t, s, folder(t, files), lake.IngestOptions{Digests: known, WholeObject: whole, MaxObject: 1 << 30})
			if r.ObjectsVerified != 3 || r.ObjectsMismatched != 3 || r.ObjectsIngested != 7 || len(r.Mismatches) != 3 || r.ObjectsWaiting != 0 {
				t.Errorf("%+v", r)
			}
			want := "changed.json.gz failed, cut.json.gz failed, empty.json failed, good.json.gz verified, large.json.gz verified, none.json.gz unknown, plain.json verified"
			if got := verdicts(t, s); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			// What digests say has no part in what is stored, with check.
			plain := newStore(t)
			p := ingest(t, plain, folder(t, files), lake.IngestOptions{WholeObject: whole, MaxObject: 1 << 30})
			if p.Stored != r.Stored || p.Quarantined != r.Quarantined {
				t.Errorf("stored %d and %d in quarantine, without digests %d and %d", r.Stored, r.Quarantined, p.Stored, p.Quarantined)
			}
		})
		t.Run(fmt.Sprint("require", whole), func(t *testing.T) {
			s := newStore(t)
			src := folder(t, files)
			o := lake.IngestOptions{Digests: known, RequireDigests: true, WholeObject: whole}
			r := ingest(t, s, src, o)
			if r.ObjectsVerified != 3 || r.ObjectsMismatched != 3 || r.ObjectsDamaged != 3 || r.ObjectsWaiting != 1 || r.Quarantined != 3 {
				t.Errorf("%+v", r)
			}
			if n := rows(t, s); n != 2+1+2 {
				t.Errorf("%d rows", n)
			}
			var raw int
			for q, err := range s.Quarantine(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(q.Reason, "hash value doesn't match") || strings.Contains(q.Reason, "cannot be read to its end") {
					raw++
					if whole == 0 && string(q.Raw) != files[filepath.Base(q.Key)] {
						t.Errorf("%s is in quarantine with %d bytes", q.Key, len(q.Raw))
					}
				}
			}
			if raw != 3 {
				t.Errorf("%d objects in quarantine", raw)
			}
			// Its digest has come.
			later := maps.Clone(known)
			later["none.json.gz"] = document(event(6))
			o.Digests = later
			if r := ingest(t, s, src, o); r.ObjectsIngested != 1 || r.ObjectsVerified != 1 || r.ObjectsWaiting != 0 || r.ObjectsKnown != 6 {
				t.Errorf("afterwards: %+v", r)
			}
		})
	}
	if _, err := newStore(t).Ingest(t.Context(), folder(t, files), lake.IngestOptions{RequireDigests: true}); !errors.Is(err, lake.ErrInvalid) {
		t.Errorf("digests are required and not given: %v", err)
	}
}

// TestLaterVerdicts wants digests that come after their logs to complete the verdicts, once,
// in a commit that changes nothing else.
func TestLaterVerdicts(t *testing.T) {
	s := newStore(t)
	files := map[string]string{
		"a.json.gz": zip(t, document(event(1))), "b.json.gz": zip(t, document(event(2))), "c.json": document(event(3)),
		"cut.json.gz": zip(t, document(event(5)))[:60],
	}
	root := t.TempDir()
	writeFiles(t, root, files)
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, s, src, lake.IngestOptions{Digests: digests{"c.json": document(event(3))}})
	writeFiles(t, root, map[string]string{"cut2.json.gz": zip(t, document(event(6)))[:60]})
	ingest(t, s, src, lake.IngestOptions{HashText: true})
	writeFiles(t, root, map[string]string{"d.json": document(event(4))})
	ingest(t, s, src, lake.IngestOptions{}) // nobody asked: its text is not hashed
	later := digests{"a.json.gz": document(event(1)), "b.json.gz": document(), "c.json": document(), "d.json": document(event(4)),
		"cut.json.gz": document(event(5)), "cut2.json.gz": document(event(6))}
	before := rows(t, s)
	old, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was := verdicts(t, s)
	r := ingest(t, s, src, lake.IngestOptions{Digests: later})
	if r.LaterVerified != 1 || r.LaterMismatched != 3 || r.ObjectsKnown != 6 {
		t.Errorf("%+v", r)
	}
	want := "a.json.gz verified, b.json.gz failed, c.json verified, cut.json.gz failed, cut2.json.gz failed, d.json unknown"
	if got := verdicts(t, s); got != want || rows(t, s) != before {
		t.Errorf("got %s, want %s", got, want)
	}
	// Of the snapshot before, they are what they were.
	if old, err = s.SnapshotAt(t.Context(), lake.Point{ID: old.ID()}); err != nil {
		t.Fatal(err)
	}
	if got := verdictsOf(t, old); got != was {
		t.Errorf("of the snapshot before got %s, want %s", got, was)
	}
	history, err := s.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := history[len(history)-1]; last.Operation != lake.OpVerdict || last.Files != 0 || last.Objects != 0 {
		t.Errorf("the last commit is %+v", last)
	}
	commits := len(history)
	if r := ingest(t, s, src, lake.IngestOptions{Digests: later}); r.LaterVerified+r.LaterMismatched != 0 {
		t.Errorf("again: %+v", r)
	}
	if history, _ = s.History(t.Context()); len(history) != commits {
		t.Errorf("%d commits, then %d", commits, len(history))
	}
}

// TestReread wants objects that were ingested without digests to get verdicts by their texts,
// where these are there still, and are told apart from what lies in their places.
func TestReread(t *testing.T) {
	s := newStore(t)
	files := map[string]string{
		"a.json.gz": zip(t, document(event(1))), "b.json.gz": zip(t, document(event(2))), "c.json": document(event(3)),
		"cut.json.gz": zip(t, document(event(4)))[:60], "gone.json": document(event(5)), "other.json": document(event(6)), "none.json": document(event(7)),
	}
	root := t.TempDir()
	writeFiles(t, root, files)
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, s, src, lake.IngestOptions{})
	if err := os.Remove(filepath.Join(root, "gone.json")); err != nil {
		t.Fatal(err)
	}
	touched := time.Now().Add(time.Hour) // as a copy has another time
	if err := os.Chtimes(filepath.Join(root, "c.json"), touched, touched); err != nil {
		t.Fatal(err)
	}
	was, err := os.Stat(filepath.Join(root, "other.json"))
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, root, map[string]string{"other.json": document(event(8))})
	if err := os.Chtimes(filepath.Join(root, "other.json"), was.ModTime(), was.ModTime()); err != nil {
		t.Fatal(err)
	}
	known := digests{
		"a.json.gz": document(event(1)), "b.json.gz": document(), "c.json": document(event(3)), "cut.json.gz": document(event(4)),
		"gone.json": document(event(5)), "other.json": document(event(8)),
	}
	before := rows(t, s)
	if r := ingest(t, s, src, lake.IngestOptions{Digests: known}); r.LaterUnhashed != 6 || r.LaterVerified+r.LaterMismatched != 0 {
		t.Errorf("without reading: %+v", r)
	}
	var reread int64
	o := lake.IngestOptions{Digests: known, Reread: true, Progress: func(p lake.IngestProgress) { reread = p.Reread }}
	r := ingest(t, s, src, o)
	if r.LaterVerified != 2 || r.LaterMismatched != 2 || r.LaterUnhashed != 2 || len(r.Lost) != 2 || reread != 6 {
		t.Errorf("%d were read again: %+v", reread, r)
	}
	want := "a.json.gz verified, b.json.gz failed, c.json verified, cut.json.gz failed, gone.json unknown, none.json unknown, other.json unknown"
	if got := verdicts(t, s); got != want || rows(t, s) != before {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := ingest(t, s, src, o); r.LaterVerified+r.LaterMismatched != 0 || r.LaterUnhashed != 2 || reread != 2 {
		t.Errorf("again: %+v", r)
	}
}

// series are digests some of which are gone, and some there again.
type series struct {
	digests
	gone, sound []string
	unread      []string
}

func (s series) Unread(f func(key string, err error)) {
	for _, key := range s.unread {
		f(key, fs.ErrPermission)
	}
}

func (s series) Gone(f func(bucket, key, by string)) {
	for _, key := range s.gone {
		f("b", key, "s3://b/digest")
	}
}

func (s series) Sound(_, key string) bool { return slices.Contains(s.sound, key) }

// vouching are digests of which one names b.json.
type vouching struct {
	series
	by string
}

func (v vouching) Expected(_, key string) (sum, by string, ok bool) {
	h := sha256.Sum256([]byte(document(event(2))))
	return hex.EncodeToString(h[:]), v.by, filepath.Base(key) == "b.json"
}

// TestMissingDigests wants digests that are gone to be missing until they are there again.
func TestMissingDigests(t *testing.T) {
	s := newStore(t)
	root := t.TempDir()
	writeFiles(t, root, map[string]string{"a.json": document(event(1))})
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, s, src, lake.IngestOptions{})
	key := func(account string) string {
		return "AWSLogs/" + account + "/CloudTrail-Digest/eu-west-1/2026/01/01/" + account + "_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260101T010000Z.json.gz"
	}
	one, two := key("111111111111"), key("222222222222")
	step := func(o lake.IngestOptions, commits int64, want ...string) lake.Point {
		t.Helper()
		r := ingest(t, s, src, o)
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		missing, err := sn.Deliveries(t.Context(), func(lake.ObjectEntry) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range missing.Digests {
			got = append(got, m.Key)
			if m.Bucket != "b" || m.Digest != "s3://b/digest" {
				t.Errorf("missing is %+v", m)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || r.Commits != commits || commits > 0 && r.Snapshot != sn.ID() || len(missing.Logs) > 0 {
			t.Errorf("missing are %v in %d commits, want %v in %d", got, r.Commits, want, commits)
		}
		return lake.Point{ID: sn.ID()}
	}
	other := source.Filter{Accounts: []string{"222222222222"}}
	step(lake.IngestOptions{Digests: series{gone: []string{one}}, Filter: other}, 0)
	first := step(lake.IngestOptions{Digests: series{gone: []string{one, one}}}, 1, one)
	step(lake.IngestOptions{Digests: series{gone: []string{one}}}, 0, one)
	step(lake.IngestOptions{Digests: series{gone: []string{one, two}}}, 1, one, two)
	step(lake.IngestOptions{Digests: series{}}, 0, one, two) // nobody has looked
	step(lake.IngestOptions{Digests: series{gone: []string{two}, sound: []string{one}}}, 1, two)
	step(lake.IngestOptions{Digests: series{gone: []string{one}, sound: []string{two}}}, 1, one)
	step(lake.IngestOptions{Digests: series{sound: []string{one, two}}}, 1)
	// What cannot be read is told each time, and is not known to be gone.
	for range 2 {
		r := ingest(t, s, src, lake.IngestOptions{Digests: series{unread: []string{one, two}}, Filter: other})
		if r.DigestsUnread != 1 || r.Commits != 0 || len(r.Unread) != 1 || r.Unread[0].Object != two {
			t.Errorf("unread are %d, %+v", r.DigestsUnread, r.Unread)
		}
	}
	// A copy that is there will do, and of two that are gone one counts.
	step(lake.IngestOptions{Digests: series{gone: []string{"copy/" + one}, sound: []string{"copy/" + one}}}, 0)
	step(lake.IngestOptions{Digests: series{gone: []string{"copy/" + one, one}}}, 1, one)
	step(lake.IngestOptions{Digests: series{sound: []string{one}}}, 1)
	// One by which a log was verified has told what it knew.
	writeFiles(t, root, map[string]string{"b.json": document(event(2))})
	step(lake.IngestOptions{Digests: vouching{by: "s3://b/" + two}}, 1)
	step(lake.IngestOptions{Digests: series{gone: []string{two}}}, 0)
	sn, err := s.SnapshotAt(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if missing, err := sn.Deliveries(t.Context(), func(lake.ObjectEntry) error { return nil }); err != nil || len(missing.Digests) != 1 || missing.Digests[0].Key != one {
		t.Errorf("of the first snapshot they are %v, %v", missing.Digests, err)
	}
}

// TestMissingLogs wants logs that digests name and that are not there to be told once, to stay
// known until they come, from wherever, and snapshots to say what was known to them.
func TestMissingLogs(t *testing.T) {
	s := newStore(t)
	root := t.TempDir()
	log := func(id string) string {
		return "111111111111_CloudTrail_us-east-1_20260101T0005Z_abcdefghijklmno" + id + ".json"
	}
	writeFiles(t, root, map[string]string{"a.json": document(event(1)), "b.json": document(event(2)), "bad.json": "{", "copy/" + log("Y"): document(event(6))})
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	odd := errors.New("nobody looks")
	d := named{digests{}, root, []string{"a.json", "bad.json", "odd.json", "d.json", "c.json", log("X") + ".gz", "again/" + log("X") + ".gz", log("Y") + ".gz"}, odd, nil}
	missing := func(at lake.Point) string {
		t.Helper()
		sn, err := s.SnapshotAt(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		objects := 0
		logs, err := sn.Deliveries(t.Context(), func(lake.ObjectEntry) error { objects++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		out := []string{fmt.Sprint(objects)}
		for _, m := range logs.Logs {
			if m.Bucket != "" || m.Digest != "s3://b/digest" {
				t.Errorf("missing is %+v", m)
			}
			out = append(out, strings.TrimSuffix(filepath.Base(m.Key), ".gz"))
		}
		slices.Sort(out[1:])
		return strings.Join(out, " ")
	}
	step := func(o lake.IngestOptions, files map[string]string, news, unknown int64, now string, commits int64) lake.Point {
		t.Helper()
		writeFiles(t, root, files)
		var lookedFor int64
		o.Progress = func(p lake.IngestProgress) { lookedFor = p.LookedFor }
		r := ingest(t, s, src, o)
		if lookedFor < news+unknown {
			t.Errorf("progress says that %d logs were looked for", lookedFor)
		}
		if r.LogsMissing != news || r.LogsUnknown != unknown || int64(len(r.Missing)) != news || int64(len(r.Unread)) != unknown {
			t.Errorf("%d logs are missing, %d unknown, %v; want %d, %d", r.LogsMissing, r.LogsUnknown, r.Missing, news, unknown)
		}
		if got := missing(lake.Point{}); got != now {
			t.Errorf("objects and missing logs are %s, want %s", got, now)
		}
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r.Commits != commits || commits > 0 && r.Snapshot != sn.ID() {
			t.Errorf("%d commits, want %d; snapshot %d, want %d", r.Commits, commits, r.Snapshot, sn.ID())
		}
		return lake.Point{ID: sn.ID()}
	}
	only := lake.IngestOptions{Digests: d, Filter: source.Filter{Accounts: []string{"222222222222"}}}
	step(only, nil, 0, 0, "0", 0) // none of them is of this account
	all := "4 " + log("X") + " c.json d.json"
	first := step(lake.IngestOptions{Digests: d}, nil, 3, 1, all, 2)
	step(lake.IngestOptions{Digests: d}, nil, 0, 1, all, 0)
	d.odd = fs.ErrNotExist
	all = strings.Replace(all, "d.json", "d.json odd.json", 1)
	step(lake.IngestOptions{Digests: d}, nil, 1, 0, all, 1)
	step(lake.IngestOptions{}, map[string]string{"c.json": document(event(3))}, 0, 0, "5 "+log("X")+" d.json odd.json", 1)
	step(lake.IngestOptions{Digests: d}, map[string]string{"d.json": document(event(4)), "elsewhere/" + log("X"): document(event(5))}, 0, 0, "7 odd.json", 1)
	if got, want := missing(first), "4 "+log("X")+" c.json d.json"; got != want {
		t.Errorf("of the first snapshot they are %s, want %s", got, want)
	}
	d.err = errors.New("it is over")
	if _, err := s.Ingest(t.Context(), src, lake.IngestOptions{Digests: d}); !errors.Is(err, d.err) {
		t.Errorf("nobody can look: %v", err)
	}
}
