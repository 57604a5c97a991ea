package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
	"traillake/queries/report/folder"
	"traillake/schedule"
)

// account has logs that are delivered as CloudTrail does.
const account = "123456789012"

// fixture is a lake with a store, a maker, and a job of the report of October 2026.
type fixture struct {
	*Maker
	store  *lake.Store
	logs   string
	job    schedule.Job
	pinned int64
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	set, err := queries.Load(fstest.MapFS{"deleted.sql": {Data: []byte("-- name: deleted\n-- title: Deletions\n-- params:\n--   since: timestamp\n--   until: timestamp\n" +
		"SELECT eventID FROM $EDS_ID WHERE eventTime >= :since AND eventTime < :until AND eventName = 'DeleteTrail' ORDER BY eventID")}})
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	if err := os.Mkdir(filepath.Join(own, "packs"), 0o700); err != nil {
		t.Fatal(err)
	}
	pack := "name: own\ntitle: Own pack\ndescription: Of the test.\ncontrols:\n" +
		"  - id: '1'\n    title: No trail is deleted\n    requirement: None is.\n    expect: none\n    severity: high\n    evidence: Events.\n    limits: None.\n    queries:\n      - name: deleted\n"
	if err := os.WriteFile(filepath.Join(own, "packs", "own.yaml"), []byte(pack), 0o600); err != nil {
		t.Fatal(err)
	}
	packs, err := queries.PackDir(own)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{store: store, logs: t.TempDir(), Maker: &Maker{
		Lake: l, Engine: engine.New(l, duck.New(duck.Options{}), engine.Options{TempDir: t.TempDir(), Threads: 2}),
		Queries: set, Packs: packs, Tool: "test", TempDir: t.TempDir(),
	}}
	f.job = schedule.Job{
		Definition: schedule.Definition{Name: "monthly", Cron: "0 6 1 * *", TimeZone: "Europe/Zagreb", Report: "own", Period: "last-month",
			To: []string{filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")}},
		Due: time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC), Overdue: true,
		Pin: func(_ context.Context, snapshot int64) error { f.pinned = snapshot; return nil },
	}
	return f
}

// deliver ingests a log of one event that comes ten minutes after it.
func (f *fixture) deliver(t *testing.T, event time.Time, name string) {
	t.Helper()
	f.write(t, event, name)
	f.ingest(t)
}

func (f *fixture) write(t *testing.T, event time.Time, name string) {
	t.Helper()
	at := event.Add(10 * time.Minute)
	file := filepath.Join(f.logs, "AWSLogs", account, "CloudTrail", "eu-west-1", at.Format("2006/01/02"),
		fmt.Sprintf("%s_CloudTrail_eu-west-1_%s_%s.json", account, at.Format("20060102T1504Z"), strings.Repeat("x", 16)))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"Records":[{"eventVersion":"1.09","eventTime":%q,"eventSource":"cloudtrail.amazonaws.com","eventName":%q,"eventID":"e-%d","eventCategory":"Management"}]}`,
		event.Format(time.RFC3339), name, event.Unix())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) ingest(t *testing.T) {
	t.Helper()
	src, err := dir.Open(f.logs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
}

// october has a quiet event on each day of October in Zagreb.
func (f *fixture) october(t *testing.T) {
	t.Helper()
	for day := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC); day.Month() == time.October; day = day.AddDate(0, 0, 1) {
		f.write(t, day, "LookupEvents")
	}
	f.ingest(t)
}

func (f *fixture) manifest(t *testing.T, place int) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(f.job.Place(f.job.Definition.To[place]), folder.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestMake delivers one report to two places, and that again to a place which lost it,
// whatever the store holds by then.
func TestMake(t *testing.T) {
	f := newFixture(t)
	f.october(t)
	f.deliver(t, time.Date(2026, 10, 31, 22, 50, 0, 0, time.UTC), "DeleteTrail") // the period ends at 23:00
	f.deliver(t, time.Date(2026, 10, 31, 23, 10, 0, 0, time.UTC), "DeleteTrail")
	made, err := f.Make(t.Context(), f.job)
	if err != nil {
		t.Fatal(err)
	}
	if made.Verdicts["findings"] != 1 || len(made.Verdicts) != 1 || made.Incomplete != "" || made.Title != "Own pack" || made.Snapshot != f.pinned {
		t.Errorf("%+v", made)
	}
	if !made.Until.Equal(time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)) || len(made.Lines) != 2 || made.Lines[1] != "findings: 1 No trail is deleted (high, rows: 1)" {
		t.Errorf("%+v", made)
	}
	first := f.manifest(t, 0)
	if !bytes.Equal(first, f.manifest(t, 1)) {
		t.Error("two places have two reports")
	}
	f.deliver(t, time.Date(2026, 10, 30, 12, 30, 0, 0, time.UTC), "DeleteTrail")
	if err := os.RemoveAll(made.Locations[0]); err != nil {
		t.Fatal(err)
	}
	again, err := f.Make(t.Context(), f.job)
	if err != nil || again.Findings != made.Findings || !bytes.Equal(first, f.manifest(t, 0)) {
		t.Errorf("%+v, %v", again, err)
	}
	// An attempt after one that chose a snapshot makes the same report; another run does not.
	for _, location := range made.Locations {
		if err := os.RemoveAll(location); err != nil {
			t.Fatal(err)
		}
	}
	f.job.Snapshot = made.Snapshot
	if again, err = f.Make(t.Context(), f.job); err != nil || !bytes.Equal(first, f.manifest(t, 0)) {
		t.Errorf("%+v, %v", again, err)
	}
	f.job.Due = f.job.Due.Add(time.Hour)
	f.job.Snapshot = 0
	if again, err = f.Make(t.Context(), f.job); err != nil || again.Findings == made.Findings || again.Lines[1] != "findings: 1 No trail is deleted (high, rows: 2)" {
		t.Errorf("%+v, %v", again, err)
	}
	left, err := os.ReadDir(f.TempDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// TestAwaited waits until there is a delivery from after the period, and makes a report
// that says so when there is none in time.
func TestAwaited(t *testing.T) {
	f := newFixture(t)
	f.job.Definition.RequireComplete, f.job.Overdue = true, false
	wants := func(reason string) {
		t.Helper()
		var incomplete *schedule.Incomplete
		if _, err := f.Make(t.Context(), f.job); !errors.As(err, &incomplete) || incomplete.Reason != reason {
			t.Errorf("%v, want %q", err, reason)
		}
	}
	wants("no log file's name tells when it was delivered")
	f.deliver(t, time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), "LookupEvents")
	wants("nothing was delivered after 2026-10-24 23:00 UTC")
	f.october(t)
	f.deliver(t, time.Date(2026, 10, 31, 23, 4, 0, 0, time.UTC), "LookupEvents") // delivered at 23:14
	wants("the last delivery of account " + account + " is of 2026-10-31 23:14 UTC")
	if f.pinned != 0 {
		t.Error("a snapshot was chosen before the data is complete")
	}
	late := f.job
	late.Overdue = true
	late.Due = late.Due.Add(time.Minute)
	made, err := f.Make(t.Context(), late)
	if err != nil || made.Verdicts["incomplete"] != 1 || !strings.Contains(made.Incomplete, "the last delivery of account "+account) {
		t.Errorf("%+v, %v", made, err)
	}
	f.deliver(t, time.Date(2026, 10, 31, 23, 5, 0, 0, time.UTC), "LookupEvents") // delivered at 23:15
	made, err = f.Make(t.Context(), f.job)
	if err != nil || made.Verdicts["pass"] != 1 || made.Incomplete != "" {
		t.Errorf("%+v, %v", made, err)
	}
}

// TestMakeErrors has no report, no store, no place.
func TestMakeErrors(t *testing.T) {
	f := newFixture(t)
	for want, change := range map[string]func(*schedule.Definition){
		`no pack and no saved query is called "nope"`: func(d *schedule.Definition) { d.Report = "nope" },
		`"nope"`:          func(d *schedule.Definition) { d.Store = "nope" },
		"is no period":    func(d *schedule.Definition) { d.Period = "nope" },
		"not a directory": func(d *schedule.Definition) { d.To = []string{"/dev/null"} },
	} {
		job := f.job
		change(&job.Definition)
		if _, err := f.Make(t.Context(), job); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
