package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/sign"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
	"traillake/queries/report"
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
	own := t.TempDir()
	if err := os.Mkdir(filepath.Join(own, "packs"), 0o700); err != nil {
		t.Fatal(err)
	}
	pack := "name: own\ntitle: Own pack\ndescription: Of the test.\ncontrols:\n" +
		"  - id: '1'\n    title: No trail is deleted\n    requirement: None is.\n    expect: none\n    severity: high\n    evidence: Events.\n    limits: None.\n    queries:\n      - name: deleted\n"
	query := "-- name: deleted\n-- title: Deletions\n-- params:\n--   since: timestamp\n--   until: timestamp\n" +
		"SELECT eventID FROM $EDS_ID WHERE eventTime >= :since AND eventTime < :until AND eventName = 'DeleteTrail' ORDER BY eventID"
	for name, text := range map[string]string{"packs/own.yaml": pack, "deleted.sql": query} {
		if err := os.WriteFile(filepath.Join(own, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := queries.Dir(own)
	if err != nil {
		t.Fatal(err)
	}
	packs, err := queries.PackDir(own)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{store: store, logs: t.TempDir(), Maker: &Maker{
		Lake: l, Engine: engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2}),
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
	f.Folder.Key = newKey(t)
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
	f.job.Snapshot = made.Snapshot
	again, err := f.Make(t.Context(), f.job)
	if err != nil || again.Findings != made.Findings || !bytes.Equal(first, f.manifest(t, 0)) {
		t.Errorf("%+v, %v", again, err)
	}
	public := f.Folder.Key.Public()
	for _, location := range made.Locations { // the copy of a copy is signed, too
		if check, err := folder.Verify(location, &public); err != nil || !check.Signed || len(check.Problems) > 0 {
			t.Errorf("%s: %+v, %v", location, check, err)
		}
	}
	// An attempt after one that chose a snapshot makes the same report; another run does not.
	for _, location := range made.Locations {
		if err := os.RemoveAll(location); err != nil {
			t.Fatal(err)
		}
	}
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

func newKey(t *testing.T) *sign.Key {
	t.Helper()
	key, err := sign.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestForeign finds at a place what is not the report of the run, or is not as it was written.
func TestForeign(t *testing.T) {
	f := newFixture(t)
	f.october(t)
	f.Folder.Key = newKey(t)
	made, err := f.Make(t.Context(), f.job)
	if err != nil {
		t.Fatal(err)
	}
	f.job.Snapshot = made.Snapshot
	one, two, copies := made.Locations[0], made.Locations[1], 2
	wants := func(want string, job schedule.Job) {
		t.Helper()
		_, err := f.Make(t.Context(), job)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), one) || !strings.HasSuffix(err.Error(), "another --to") {
			t.Errorf("%v, want %s", err, want)
		}
		if copies > 1 {
			return
		}
		// What lies at one place keeps no report from the other.
		if _, err := os.Stat(filepath.Join(two, folder.ManifestName)); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		if err := os.RemoveAll(two); err != nil {
			t.Fatal(err)
		}
	}
	// What is copied is checked, and so is what needs no copy.
	for _, copies = range []int{2, 1} {
		if copies == 1 {
			if err := os.RemoveAll(two); err != nil {
				t.Fatal(err)
			}
		}
		for want, change := range map[string]func(*schedule.Job){
			"it is of the snapshot": func(j *schedule.Job) { j.Snapshot = 0 },
			fmt.Sprintf("its snapshot is %d and not 7", made.Snapshot):                                     func(j *schedule.Job) { j.Snapshot = 7 },
			"its pack or query is own and not deleted":                                                     func(j *schedule.Job) { j.Definition.Report = "deleted" },
			"its period is 2026-09-30T22:00:00Z/2026-10-31T23:00:00Z of Europe/Zagreb and not 2026-10-01T": func(j *schedule.Job) { j.Definition.TimeZone = "UTC" },
			"of Europe/Zagreb and not 2026-09-30T22:00:00Z/2026-10-31T23:00:00Z of Europe/Berlin":          func(j *schedule.Job) { j.Definition.TimeZone = "Europe/Berlin" },
			"its store is ": func(j *schedule.Job) { j.Definition.Store = "other" },
		} {
			job := f.job
			change(&job)
			if job.Definition.Store == "other" && copies == 2 {
				if _, err := f.Lake.CreateStore(t.Context(), lake.StoreConfig{Name: "other"}); err != nil {
					t.Fatal(err)
				}
			}
			wants(want, job)
		}
		for name, what := range map[string]string{"index.html": "changed", "report.pdf": "missing", "more.html": "extra", folder.SignatureName: "unsigned"} {
			file := filepath.Join(one, name)
			old, err := os.ReadFile(file)
			switch {
			case err != nil && what != "extra":
			case what == "changed":
				err = os.WriteFile(file, append(old, ' '), 0o600)
			case what == "extra":
				err = os.WriteFile(file, nil, 0o600)
			default:
				err = os.Remove(file)
			}
			if err != nil {
				t.Fatal(err)
			}
			wants(name+" ("+what+")", f.job)
			if what == "extra" {
				err = os.Remove(file)
			} else {
				err = os.WriteFile(file, old, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		key := f.Folder.Key
		f.Folder.Key = newKey(t)
		wants("manifest.json (the signature is not of this content by this key)", f.job)
		f.Folder.Key = nil // who has none cannot tell
		if _, err := f.Make(t.Context(), f.job); err != nil {
			t.Error(err)
		}
		f.Folder.Key = key
	}
	copies = 2
	// Other queries under the same name.
	pack, err := f.Packs.Get("own")
	if err != nil {
		t.Fatal(err)
	}
	pack.Controls[0].Severity = "low"
	wants("other queries or with other parameters", f.job)
	pack.Controls[0].Severity = "high"
	// The second copy is compared with the first.
	if err := os.Remove(filepath.Join(two, folder.SignatureName)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Make(t.Context(), f.job); err == nil || !strings.Contains(err.Error(), two+" with the report: something else is there already: it lacks manifest.json.sig; move it away") {
		t.Error(err)
	}
	left, err := os.ReadDir(f.TempDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// TestOtherForm finds at a place a whole report of a form that this version does not read.
func TestOtherForm(t *testing.T) {
	f := newFixture(t)
	f.october(t)
	made, err := f.Make(t.Context(), f.job)
	if err != nil {
		t.Fatal(err)
	}
	f.job.Snapshot = made.Snapshot
	hash := func(text []byte) []byte { return fmt.Appendf(nil, "%x", sha256.Sum256(text)) }
	for _, location := range made.Locations {
		name := filepath.Join(location, "report.json")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		other := bytes.Replace(text, []byte(report.Schema), []byte("traillake.report/0"), 1)
		manifest, err := os.ReadFile(filepath.Join(location, folder.ManifestName))
		if err != nil {
			t.Fatal(err)
		}
		manifest = bytes.Replace(manifest, hash(text), hash(other), 1)
		if err := errors.Join(os.WriteFile(name, other, 0o600), os.WriteFile(filepath.Join(location, folder.ManifestName), manifest, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Make(t.Context(), f.job); err == nil || !strings.Contains(err.Error(), `it is of the form "traillake.report/0"`) {
		t.Error(err)
	}
}

// TestPlaceDown has a place that does not work before one that does: that has the report at
// once. The other waits for that very report while it cannot be read: the snapshot may be gone
// by then, and a report of another one would not be the same.
func TestPlaceDown(t *testing.T) {
	f := newFixture(t)
	f.october(t)
	one, two := f.job.Place(f.job.Definition.To[0]), f.job.Place(f.job.Definition.To[1])
	block := func(to string, blocked bool) {
		t.Helper()
		dir := filepath.Dir(filepath.Dir(to))
		if !blocked {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
			dir, to = dir+".away", dir
			if err := os.Rename(dir, to); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			return
		}
		if err := os.Rename(dir, dir+".away"); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	block(one, true)
	made, err := f.Make(t.Context(), f.job)
	if err == nil || !strings.Contains(err.Error(), "look into "+one) || strings.Contains(err.Error(), two) || !slices.Equal(made.Locations, []string{two}) {
		t.Errorf("%v, %v", made.Locations, err)
	}
	first := f.manifest(t, 1)
	f.job.Snapshot, f.job.Delivered = f.pinned, made.Locations
	block(one, false)
	block(two, true)
	made, err = f.Make(t.Context(), f.job)
	if err == nil || !strings.Contains(err.Error(), "look into "+two) || !slices.Equal(made.Locations, []string{two}) {
		t.Errorf("%v, %v", made.Locations, err)
	}
	if _, err := os.Stat(one); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s has a report: %v", one, err)
	}
	block(one, true)
	made, err = f.Make(t.Context(), f.job)
	if err == nil || !strings.Contains(err.Error(), "look into "+one) || !strings.Contains(err.Error(), "; look into "+two) || !slices.Equal(made.Locations, []string{two}) {
		t.Errorf("%v, %v", made.Locations, err)
	}
	block(one, false)
	block(two, false)
	if made, err = f.Make(t.Context(), f.job); err != nil || len(made.Locations) != 2 || !bytes.Equal(first, f.manifest(t, 0)) {
		t.Errorf("%v, %v", made.Locations, err)
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
		`deliver to s3://: "s3://" is no place on S3; want s3://BUCKET/PREFIX; replace the schedule`: func(d *schedule.Definition) { d.To = []string{"s3://"} },
	} {
		job := f.job
		change(&job.Definition)
		if _, err := f.Make(t.Context(), job); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
