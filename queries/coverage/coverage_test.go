package coverage_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source"
	"traillake/lake/source/dir"
	"traillake/queries/coverage"
)

// delivered makes a lake of these files, by path, each with the times of its events.
func delivered(t *testing.T, files map[string][]string, selectors string) (*engine.Engine, *lake.Store) {
	t.Helper()
	l := laketest.New(t)
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore, Selectors: selectors})
	if err != nil {
		t.Fatal(err)
	}
	logs := t.TempDir()
	n := 0
	for name, times := range files {
		var records []string
		for _, at := range times {
			n++
			records = append(records, fmt.Sprintf(`{"eventVersion":"1.10","eventTime":%q,"eventID":"e%d","readOnly":false,"eventCategory":"Management"}`, at, n))
		}
		path := filepath.Join(logs, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"AWSLogs", "loose"} {
		src, err := dir.Open(filepath.Join(logs, folder))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()}), s
}

// gone are digests that name logs that are not there, and nothing else.
type gone []string

func (gone) Expected(string, string) (string, string, bool) { return "", "", false }

func (gone) Sound(string, string) bool { return false }

func (gone) Invalid(func(string)) {}

// Gone has those that are digests.
func (gone) Unread(func(key string, err error)) {}

func (g gone) Gone(f func(bucket, key, by string)) {
	for _, key := range g {
		if source.ParseKey(key).Kind == source.Digest {
			f("", key, "s3://b/digest")
		}
	}
}

func (g gone) Missing(_ context.Context, known func(bucket, key string) bool, looked func(bucket, key, digest string, err error)) error {
	for _, key := range g {
		if source.ParseKey(key).Kind != source.Digest && !known("", key) {
			looked("", key, "s3://b/digest", fs.ErrNotExist)
		}
	}
	return nil
}

// TestMissingLogs wants logs that are not there to be counted where they were delivered, and to
// be no delivery.
func TestMissingLogs(t *testing.T) {
	e, s := delivered(t, files, "")
	src, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const one = "111111111111"
	_, err = s.Ingest(t.Context(), src, lake.IngestOptions{Digests: gone{
		name(one, "us-east-1", "01", "2000"), name(one, "us-east-1", "02", "2000"), name(one, "us-east-1", "02", "2100"), name(one, "us-east-1", "06", "2000"),
		"AWSLogs/" + one + "/CloudTrail-Digest/us-east-1/2026/01/07/" + one + "_CloudTrail-Digest_us-east-1_t_us-east-1_20260107T010000Z.json.gz",
	}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := coverage.Of(t.Context(), e, s, coverage.By{Account: true, Region: true, Day: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		if r.Account == one && r.Region == "us-east-1" {
			got = append(got, fmt.Sprintf("%s %d objects, %d+%d gone, missing %v, %d+%d days", r.Day.Format("02"), r.Objects, r.MissingLogs, r.MissingDigests, r.Missing, r.Days, r.MissingDays))
		}
	}
	const want = `01 2 objects, 1+0 gone, missing false, 1+0 days
02 0 objects, 2+0 gone, missing true, 0+1 days
03 0 objects, 0+0 gone, missing true, 0+1 days
04 1 objects, 0+0 gone, missing false, 1+0 days
06 0 objects, 1+0 gone, missing true, 0+0 days
07 0 objects, 0+1 gone, missing true, 0+0 days`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if text := coverage.HeatMap(rows, 80, nil); !strings.Contains(text, "us-east-1 █!!█.!!\n") {
		t.Errorf("the map is\n%s", text)
	}
}

func name(account, region, day, minute string) string {
	return "AWSLogs/" + account + "/CloudTrail/" + region + "/2026/01/" + day + "/" + account + "_CloudTrail_" + region + "_202601" + day + "T" + minute + "Z_abcdEFGH.json"
}

var files = map[string][]string{
	name("111111111111", "us-east-1", "01", "0010"): {"2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"},
	name("111111111111", "us-east-1", "01", "1000"): {"2026-01-01T09:50:00Z"},
	name("111111111111", "us-east-1", "04", "0000"): {"2026-01-03T23:50:00Z"},
	name("111111111111", "eu-west-1", "02", "0000"): {"2026-01-01T23:59:00Z"},
	name("222222222222", "us-east-1", "04", "1000"): {},
	"loose/a.json": {"2025-01-01T00:00:00Z", "no time"},
}

func TestOf(t *testing.T) {
	e, s := delivered(t, files, "")
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		by   coverage.By
		want []string
	}{
		{coverage.By{}, []string{"| |: 6 objects, 7 records, 6 events, 0 filtered, 1 quarantined, 4+2 days, delay 432 600 of 5, 2025-01-01 to 2026-01-03"}},
		{coverage.By{Account: true}, []string{
			"| |: 1 objects, 2 records, 1 events, 0 filtered, 1 quarantined, 0+0 days, delay 0 0 of 0, 2025-01-01 to 2025-01-01",
			"111111111111| |: 4 objects, 5 records, 5 events, 0 filtered, 0 quarantined, 3+2 days, delay 432 600 of 5, 2026-01-01 to 2026-01-03",
			"222222222222| |: 1 objects, 0 records, 0 events, 0 filtered, 0 quarantined, 1+0 days, delay 0 0 of 0, 0001-01-01 to 0001-01-01",
		}},
	} {
		rows, err := coverage.Of(t.Context(), e, s, c.by)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprintf("%s| %s|: %d objects, %d records, %d events, %d filtered, %d quarantined, %d+%d days, delay %.0f %.0f of %d, %s to %s",
				r.Account, r.Region, r.Objects, r.Records, r.Events, r.Filtered, r.Quarantined, r.Days, r.MissingDays, r.MeanDelay, r.MaxDelay, r.Timed,
				r.FirstEvent.Format(time.DateOnly), r.LastEvent.Format(time.DateOnly)))
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%+v gives\n%s\nwant\n%s", c.by, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	rows, err := coverage.Of(t.Context(), e, s, coverage.By{Account: true, Region: true, Day: true})
	if err != nil {
		t.Fatal(err)
	}
	missing := map[time.Time]bool{}
	for _, r := range rows {
		if r.Missing {
			missing[r.Day] = true
			if r.Account != "111111111111" || r.Region != "us-east-1" || r.Objects != 0 {
				t.Errorf("missing %+v", r)
			}
		}
	}
	if len(missing) != 2 || !missing[day(2)] || !missing[day(3)] {
		t.Errorf("missing days: %v", missing)
	}
	if len(rows) != 7 {
		t.Errorf("%d rows: %+v", len(rows), rows)
	}
	const want = `                       2026-01-01 to 2026-01-04
111111111111 eu-west-1 .█..
111111111111 us-east-1 █!!█
222222222222 us-east-1 ....

! no delivery between days with some, or logs are missing   . no events   ░▒▓█ up to 3 events a day
`
	if got := coverage.HeatMap(rows, 80, nil); got != want {
		t.Errorf("the map is\n%s", got)
	}
	if got := coverage.HeatMap(rows, 10, func(s string) string { return "<" + s + ">" }); !strings.Contains(got, "█<!><!>█") {
		t.Errorf("the narrow map is\n%s", got)
	}
	old := coverage.Row{Account: "222222222222", Region: "us-east-1", Day: day(1).AddDate(0, 0, -10), Objects: 1, Events: 12}
	if got := coverage.HeatMap(append(rows, old), 10, nil); !strings.Contains(got, "2025-12-29 to 2026-01-04\n") ||
		!strings.Contains(got, "\nnot shown, since a line has no room for them: 7 earlier days with 12 events\n\n!") {
		t.Errorf("the map without old days is\n%s", got)
	}
	if got := coverage.HeatMap(nil, 80, nil); !strings.Contains(got, "no object") {
		t.Errorf("the map of nothing is\n%s", got)
	}
}

// TestOfOneState wants objects and events to be those of one state of the store, also when logs
// come in meanwhile.
func TestOfOneState(t *testing.T) {
	root, logs := t.TempDir(), t.TempDir()
	local, err := lake.LocalStorage(vfs.OS, root)
	if err != nil {
		t.Fatal(err)
	}
	st := &meanwhile{Storage: local}
	l, err := lake.OpenOrCreate(t.Context(), root, lake.Options{Storage: st})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ingest := func() {
		n++
		text := fmt.Sprintf(`{"Records":[{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e%d"}]}`, n)
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%d.json", n)), []byte(text), 0o600); err != nil {
			t.Error(err)
		}
		src, err := dir.Open(logs)
		if err == nil {
			_, err = s.Ingest(t.Context(), src, lake.IngestOptions{})
		}
		if err != nil {
			t.Error(err)
		}
	}
	ingest()
	st.ledger = ingest
	rows, err := coverage.Of(t.Context(), engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()}), s, coverage.By{})
	if err != nil || len(rows) != 1 || n != 2 {
		t.Fatalf("%+v after %d ingests, error %v", rows, n, err)
	}
	if rows[0].Objects != rows[0].Events {
		t.Errorf("%d objects of one event each, %d events", rows[0].Objects, rows[0].Events)
	}
}

// meanwhile is a storage where something happens before a ledger is read.
type meanwhile struct {
	lake.Storage
	ledger func() // once
}

func (m *meanwhile) Get(ctx context.Context, name string) ([]byte, error) {
	if do := m.ledger; do != nil && strings.Contains(name, "/ingest/") {
		m.ledger = nil
		do()
	}
	return m.Storage.Get(ctx, name)
}

func TestOfSelectors(t *testing.T) {
	e, s := delivered(t, files, `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]`)
	rows, err := coverage.Of(t.Context(), e, s, coverage.By{})
	if err != nil || len(rows) != 1 || rows[0].Filtered != 6 || rows[0].Events != 0 || rows[0].Records != 7 || !rows[0].FirstEvent.IsZero() {
		t.Errorf("%+v, error %v", rows, err)
	}
}

// TestRepeated wants a log that the store has again to be counted where it came last: from
// another account's folder, and with other content.
func TestRepeated(t *testing.T) {
	const one, two = "111111111111", "222222222222"
	const log = "AWSLogs/" + one + "/CloudTrail/us-east-1/2026/01/01/" + one + "_CloudTrail_us-east-1_20260101T2000Z_0123456789abcdef.json"
	logs := t.TempDir()
	l := laketest.New(t)
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct{ path, content string }{
		{log, `{"Records":[{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e1"},{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e2"}]}`},
		{strings.ReplaceAll(log, "/"+one+"/", "/"+two+"/"), `{"Records":[{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e1"},{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e2"}]}`},
		{name(one, "us-east-1", "02", "2000"), `{"Records":[]}`},
		{log, `{"Records":[{"eventVersion":"1.10","eventTime":"2026-01-01T20:00:00Z","eventID":"e1"}]}`},
	} {
		path := filepath.Join(logs, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.content), 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := dir.Open(logs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	e := engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir()})
	rows, err := coverage.Of(t.Context(), e, s, coverage.By{Account: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %d objects, %d records, %d repeated with %d, %d events", r.Account, r.Objects, r.Records, r.Repeated, r.RepeatedRecords, r.Events))
	}
	want := []string{one + " 3 objects, 3 records, 1 repeated with 1, 3 events", two + " 1 objects, 2 records, 1 repeated with 2, 2 events"}
	if !slices.Equal(got, want) {
		t.Errorf("coverage is %q, want %q", got, want)
	}
	sn, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var each coverage.Row
	_, err = coverage.Delivered(t.Context(), sn, coverage.By{}, func(r coverage.Row) bool {
		if r.Repeated > 0 && (r.Day.IsZero() || r.LastDelivery.IsZero()) {
			t.Errorf("what is repeated of %s was delivered at no time", r.Account)
		}
		each.Objects += r.Objects
		each.Repeated += r.Repeated
		return true
	})
	if err != nil || each.Objects != 4 || each.Repeated != 2 {
		t.Errorf("by themselves %d objects, %d repeated: %v", each.Objects, each.Repeated, err)
	}
}
