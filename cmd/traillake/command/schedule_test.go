package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scheduleBench is the program with a clock of its own and a log.
type scheduleBench struct {
	*app
	t      *testing.T
	clock  time.Time
	stderr interface {
		String() string
		Reset()
	}
	stdout interface {
		String() string
		Reset()
	}
	logs string
}

func newScheduleBench(t *testing.T) *scheduleBench {
	a, stdout, stderr := newTestApp(t, nil)
	b := &scheduleBench{app: a, t: t, clock: time.Date(2026, 11, 22, 21, 43, 30, 0, time.UTC), stdout: stdout, stderr: stderr, logs: filepath.Join(t.TempDir(), "logs")}
	a.now = func() time.Time { return b.clock }
	b.run(ExitDone, "generate", b.logs, "--records", "800", "--days", "1", "--accounts", "1", "--regions", "1", "--global-copies=false", "--digest-faults", "modified-log", "--quiet")
	return b
}

// run runs a command and returns what it printed.
func (b *scheduleBench) run(want ExitCode, args ...string) (stdout, stderr string) {
	b.t.Helper()
	b.stdout.Reset()
	b.stderr.Reset()
	if code := b.app.run(b.t.Context(), args); code != want {
		b.t.Fatalf("%q ends with %d: %s", args, code, b.stderr)
	}
	return b.stdout.String(), b.stderr.String()
}

// TestScheduleForeign has schedules of one name and place in two lakes: the second takes the
// report of the first for none of its own.
func TestScheduleForeign(t *testing.T) {
	b := newScheduleBench(t)
	to := filepath.Join(t.TempDir(), "reports")
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	for _, lake := range []string{one, two} {
		b.run(ExitDone, "--lake", lake, "ingest", "--quiet", b.logs)
		b.run(ExitDone, "--lake", lake, "schedule", "add", "each", "--cron", "* * * * *", "--report", "root-use", "--period", "yesterday", "--to", to, "--attempts", "2")
	}
	b.clock = b.clock.Add(time.Minute)
	if _, said := b.run(ExitDone, "--lake", one, "schedule", "run"); !strings.Contains(said, "reported: ") {
		t.Errorf("%s", said)
	}
	place := filepath.Join(to, "each", "2026-11-22T2144Z")
	_, said := b.run(ExitFailed, "--lake", two, "schedule", "run")
	for _, want := range []string{"take up the report in " + place, "it is not the report of this run: its store is ", "move it away, or replace the schedule by one with another --to"} {
		if !strings.Contains(said, want) || strings.Contains(said, "reported: ") {
			t.Errorf("%s\nwant %s", said, want)
		}
	}
	if err := os.Rename(place, place+".other"); err != nil {
		t.Fatal(err)
	}
	b.clock = b.clock.Add(5 * time.Minute)
	if _, said := b.run(ExitDone, "--lake", two, "schedule", "run"); !strings.Contains(said, "due 2026-11-22 21:44 UTC: reported: ") {
		t.Errorf("%s", said)
	}
}

// TestScheduleCopies has a place that is there at the second attempt only.
func TestScheduleCopies(t *testing.T) {
	b := newScheduleBench(t)
	dir := t.TempDir()
	key, one, two := filepath.Join(dir, "key.pem"), filepath.Join(dir, "one"), filepath.Join(dir, "two")
	if err := os.Symlink(filepath.Join(dir, "later"), two); err != nil {
		t.Fatal(err)
	}
	b.run(ExitDone, "report", "key", "init", "--key", key)
	public, _ := b.run(ExitDone, "report", "key", "export", "--key", key)
	if err := os.WriteFile(filepath.Join(dir, "public.pem"), []byte(public), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(ExitDone, "ingest", "--quiet", b.logs)
	b.run(ExitDone, "schedule", "add", "each", "--cron", "44 21 * * *", "--report", "root-use", "--period", "yesterday", "--to", two, "--to", one)
	b.clock = b.clock.Add(time.Minute)
	b.run(ExitFailed, "schedule", "run", "--key", key)
	place := filepath.Join(one, "each", "2026-11-22T2144Z")
	if history, _ := b.run(ExitDone, "schedule", "history", "each", "--format", "jsonl"); !strings.Contains(history, `"report":"`+place+`"`) || !strings.Contains(history, "retrying") {
		t.Errorf("%s", history)
	}
	b.run(ExitDone, "report", "verify", place, "--public-key", filepath.Join(dir, "public.pem"))
	if err := os.Mkdir(filepath.Join(dir, "later"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.clock = b.clock.Add(5 * time.Minute)
	if _, said := b.run(ExitDone, "schedule", "run", "--key", key); !strings.Contains(said, "reported: ") {
		t.Errorf("%s", said)
	}
	for _, to := range []string{one, two} {
		b.run(ExitDone, "report", "verify", filepath.Join(to, "each", "2026-11-22T2144Z"), "--public-key", filepath.Join(dir, "public.pem"))
	}
}

// TestScheduleGaps has a modified log, which is told as what it is, and is news once.
func TestScheduleGaps(t *testing.T) {
	b := newScheduleBench(t)
	b.run(ExitFindings, "ingest", "--quiet", "--verify-digests", "check", "--public-keys", filepath.Join(b.logs, "public-keys.json"), b.logs)
	b.run(ExitDone, "schedule", "add", "each", "--cron", "* * * * *", "--report", "root-use", "--period", "last-month", "--to", t.TempDir())
	for _, changed := range []string{"true", "false"} {
		b.clock = b.clock.Add(time.Minute)
		_, said := b.run(ExitDone, "schedule", "run")
		history, _ := b.run(ExitDone, "schedule", "history", "each", "--limit", "1", "--format", "jsonl")
		want := "data is missing or cannot be trusted: 1 log file of account "
		if !strings.Contains(history, `"changed":`+changed) || !strings.Contains(history, want) || !strings.Contains(said, want) {
			t.Errorf("changed is not %s: %s%s", changed, said, history)
		}
	}
}

// TestScheduleReplace replaces a schedule that has missed two due times, by one with the same
// due times and by one with others.
func TestScheduleReplace(t *testing.T) {
	b := newScheduleBench(t)
	b.run(ExitDone, "ingest", "--quiet", b.logs)
	replace := func(cron string) string {
		t.Helper()
		_, said := b.run(ExitDone, "schedule", "add", "each", "--cron", cron, "--report", "root-use", "--period", "yesterday", "--to", t.TempDir(), "--replace")
		return said
	}
	replace("* * * * *")
	b.clock = b.clock.Add(3 * time.Minute) // 21:46:30
	if said := replace("* * * * *"); strings.Contains(said, "skipped") {
		t.Errorf("%s", said)
	}
	_, said := b.run(ExitDone, "schedule", "run")
	for _, due := range []string{"21:44", "21:45", "21:46"} {
		if !strings.Contains(said, "due 2026-11-22 "+due+" UTC: reported") {
			t.Errorf("not due %s: %s", due, said)
		}
	}
	b.clock = b.clock.Add(2 * time.Minute)
	want := "2 due times, 2026-11-22 21:47 UTC to 2026-11-22 21:48 UTC"
	if said := replace("@hourly"); !strings.Contains(said, "schedule each: skipped "+want+" that the schedule before has missed; 'traillake schedule history each' keeps that") {
		t.Errorf("%s", said)
	}
	if history, _ := b.run(ExitDone, "schedule", "history", "each", "--format", "csv"); strings.Count(history, "reported") != 3 || !strings.Contains(history, "skipped,") || !strings.Contains(history, want) {
		t.Errorf("%s", history)
	}
	if _, said := b.run(ExitDone, "schedule", "run"); strings.Contains(said, "reported") {
		t.Errorf("what was skipped is run: %s", said)
	}
}

// TestScheduleAhead runs once with a clock that is 30 days ahead, and then with the right one.
func TestScheduleAhead(t *testing.T) {
	b := newScheduleBench(t)
	b.run(ExitDone, "ingest", "--quiet", b.logs)
	to := filepath.Join(t.TempDir(), "reports")
	b.run(ExitDone, "schedule", "add", "each", "--cron", "0 6 * * *", "--report", "root-use", "--period", "yesterday", "--to", to)
	right := b.clock
	b.clock = right.AddDate(0, 0, 3)
	b.run(ExitDone, "schedule", "run")

	b.clock = right
	const says = "schedule each: its due times are settled until 2026-11-25 06:00 UTC, and the clock here says that it is past 2026-11-22 21:00 UTC: a clock is or was wrong"
	const advice = "'traillake schedule reset NAME'"
	for _, args := range [][]string{{"run"}, {"run", "--dry-run"}, {"list", "--format", "json"}, {"show", "each"}, {"show", "each", "--format", "json"}} {
		want := ExitDone
		if args[0] == "run" {
			want = ExitFailed
		}
		printed, said := b.run(want, append([]string{"schedule"}, args...)...)
		if !strings.Contains(said, says) || !strings.Contains(said, advice) {
			t.Errorf("%q says %s", args, said)
		}
		if next := "2026-11-26"; args[0] != "run" && !strings.Contains(printed, next) || strings.Contains(printed, "2026-11-23") {
			t.Errorf("%q prints %s", args, printed)
		}
	}
	_, said := b.run(ExitDone, "schedule", "reset", "each")
	for _, want := range []string{"schedule each: 3 runs do not count", "after 2026-11-22 21:43 UTC away from " + filepath.Join(to, "each"), "is put back to 2026-11-22 21:43 UTC; next due Mon 2026-11-23 06:00 UTC"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s\nwant %s", said, want)
		}
	}
	if _, said := b.run(ExitDone, "schedule", "reset", "each"); !strings.Contains(said, "schedule each: stays as it is, as no clock was ahead; next due Mon 2026-11-23 06:00 UTC") {
		t.Errorf("a second reset says %s", said)
	}
	if history, _ := b.run(ExitDone, "schedule", "history", "each", "--format", "csv"); strings.Count(history, ",void,") != 3 {
		t.Errorf("%s", history)
	}
	if err := os.Rename(to, to+".early"); err != nil {
		t.Fatal(err)
	}
	b.clock = right.AddDate(0, 0, 1)
	if _, said := b.run(ExitDone, "schedule", "run"); !strings.Contains(said, "due 2026-11-23 06:00 UTC: reported: ") || strings.Contains(said, "2026-11-24") {
		t.Errorf("%s", said)
	}
	if history, _ := b.run(ExitDone, "schedule", "history", "each", "--format", "csv"); strings.Count(history, ",void,") != 3 || strings.Count(history, ",reported,") != 1 {
		t.Errorf("%s", history)
	}
	if listed, _ := b.run(ExitDone, "schedule", "list", "--format", "csv"); !strings.Contains(listed, "2026-11-24 06:00:00.000,2026-11-23 06:00:00.000,reported") {
		t.Errorf("%s", listed)
	}
	b.run(ExitDone, "verify")
}

// TestScheduleAheadWatch stays while a schedule was added by a clock that was ahead.
func TestScheduleAheadWatch(t *testing.T) {
	b := newScheduleBench(t)
	b.run(ExitDone, "ingest", "--quiet", b.logs)
	right := b.clock
	b.clock = right.AddDate(1, 0, 0)
	b.run(ExitDone, "schedule", "add", "each", "--cron", "0 6 * * *", "--report", "root-use", "--period", "yesterday", "--to", t.TempDir())
	b.clock = right
	if listed, _ := b.run(ExitDone, "schedule", "list", "--format", "csv"); !strings.Contains(listed, ",2027-11-23 06:00:00.000,,") {
		t.Errorf("%s", listed)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	b.stderr.Reset()
	if code := b.app.run(ctx, []string{"schedule", "run", "--watch"}); code != ExitFailed || !strings.Contains(b.stderr.String(), "its due times count from 2027-11-22 21:43 UTC") {
		t.Errorf("%d: %s", code, b.stderr)
	}
	b.run(ExitDone, "schedule", "reset", "each")
	b.clock = right.AddDate(0, 0, 1)
	if _, said := b.run(ExitDone, "schedule", "run"); !strings.Contains(said, "due 2026-11-23 06:00 UTC: reported: ") {
		t.Errorf("%s", said)
	}
}
