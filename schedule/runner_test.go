package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/lake"
)

// at returns a time of November 2026.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

// daily is due at 06:00 from 11-02 on.
func daily(change func(*Definition)) func(*Definition) {
	return func(d *Definition) {
		d.Name, d.Cron, d.From = "daily", "0 6 * * *", at(1, 12, 0)
		if change != nil {
			change(d)
		}
	}
}

// bench is a runner of one schedule whose maker and sender do as they are told.
type bench struct {
	*Runner
	clock  *still
	make   func(j Job) (Made, error)
	send   func(m Message) error
	events []string
}

func newBench(t *testing.T, change func(*Definition)) *bench {
	t.Helper()
	l, err := openMemory(t, scheduled(t, change))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{clock: &still{}}
	b.make = func(j Job) (Made, error) { return Made{Findings: "same", Locations: []string{j.Place("/r")}}, nil }
	b.send = func(Message) error { return nil }
	b.Runner = &Runner{
		Book: NewBook(l), Name: "runner", Clock: b.clock,
		Make: func(_ context.Context, j Job) (Made, error) { return b.make(j) },
		Send: func(_ context.Context, _ Notice, m Message) error { return b.send(m) },
		Event: func(e Event) {
			b.events = append(b.events, fmt.Sprintf("%s %s", Key(e.Run.Due), e.Kind))
		},
	}
	return b
}

// round runs what is due at a time and compares the events, and when there is more.
func (b *bench) round(t *testing.T, now time.Time, wake time.Time, want ...string) {
	t.Helper()
	b.clock.now, b.events = now, nil
	res, err := b.Run(t.Context())
	if err != nil || !res.Wake.Equal(wake) || !slices.Equal(b.events, want) {
		t.Errorf("at %s: wake %s, want %s; %v\ngot  %q\nwant %q", now, res.Wake, wake, err, b.events, want)
	}
}

// TestRetry fails four times with growing pauses, and then for good.
func TestRetry(t *testing.T) {
	b := newBench(t, daily(nil))
	broken := errors.New("the disk is full")
	b.make = func(Job) (Made, error) { return Made{}, broken }
	var told []Message
	b.send = func(m Message) error { told = append(told, m); return nil }
	b.round(t, at(2, 5, 59), at(2, 6, 0))
	b.round(t, at(2, 6, 0), at(2, 6, 5), "20261102-0600 will be tried again")
	b.round(t, at(2, 6, 4), at(2, 6, 5))
	b.round(t, at(2, 6, 5), at(2, 6, 15), "20261102-0600 will be tried again")
	b.round(t, at(2, 6, 15), at(2, 6, 35), "20261102-0600 will be tried again")
	b.round(t, at(2, 6, 35), at(2, 7, 15), "20261102-0600 will be tried again")
	b.round(t, at(2, 7, 15), at(3, 6, 0), "20261102-0600 failed", "20261102-0600 notice sent")
	b.round(t, at(2, 8, 0), at(3, 6, 0))
	if len(told) != 1 || told[0].Outcome != StateFailed || told[0].Attempts != 5 || told[0].Error != "the disk is full" {
		t.Errorf("%+v", told)
	}
	// The next is due, and succeeds at the second attempt.
	b.round(t, at(3, 6, 0), at(3, 6, 5), "20261103-0600 will be tried again")
	b.make = func(Job) (Made, error) { return Made{Findings: "a"}, nil }
	b.round(t, at(3, 6, 5), at(4, 6, 0), "20261103-0600 reported", "20261103-0600 notice sent")
	items, err := b.Book.History(t.Context(), "daily", 0)
	if err != nil || len(items) != 2 || items[0].Run.State != StateReported || len(items[0].Run.Attempts) != 2 || items[1].Run.State != StateFailed {
		t.Errorf("%+v, %v", items, err)
	}
}

// TestPlaces has the report at one of two places: the next attempt is told, and people are
// once all have failed.
func TestPlaces(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) {
		d.To, d.Attempts, d.Link = []string{"/r", "/s"}, 2, "https://example.org"
	}))
	var before [][]string
	b.make = func(j Job) (Made, error) {
		before = append(before, j.Delivered)
		return Made{Locations: []string{j.Place("/s")}}, errors.New("/r is full")
	}
	var told Message
	b.send = func(m Message) error { told = m; return nil }
	b.round(t, at(2, 6, 0), at(2, 6, 5), "20261102-0600 will be tried again")
	b.round(t, at(2, 6, 5), at(3, 6, 0), "20261102-0600 failed", "20261102-0600 notice sent")
	const there, not = "/s/daily/2026-11-02T0600Z", "/r/daily/2026-11-02T0600Z"
	if len(before) != 2 || len(before[0]) != 0 || !slices.Equal(before[1], []string{there}) {
		t.Errorf("%q", before)
	}
	want := "The report is in " + there + ", and not in " + not + ": 2 attempts failed."
	if told.Outcome != StateFailed || told.Link != there || len(told.Summary) != 1 || told.Summary[0] != want {
		t.Errorf("%+v", told)
	}
	// The place that the link is to.
	b.make = func(j Job) (Made, error) { return Made{Locations: []string{j.Place("/r")}}, errors.New("/s is full") }
	b.round(t, at(3, 6, 0), at(3, 6, 5), "20261103-0600 will be tried again")
	b.round(t, at(3, 6, 5), at(4, 6, 0), "20261103-0600 failed", "20261103-0600 notice sent")
	if told.Link != "https://example.org/daily/2026-11-03T0600Z/index.html" {
		t.Errorf("%+v", told)
	}
}

// TestNotices tells of changes only, and tries again what could not be sent.
func TestNotices(t *testing.T) {
	b := newBench(t, daily(nil))
	findings := "a"
	b.make = func(Job) (Made, error) { return Made{Findings: findings}, nil }
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	b.round(t, at(3, 6, 0), at(4, 6, 0), "20261103-0600 reported")
	findings = "b"
	b.send = func(Message) error { return errors.New("refused") }
	b.round(t, at(4, 6, 0), at(4, 6, 1), "20261104-0600 reported", "20261104-0600 notice will be tried again")
	b.round(t, at(4, 6, 1), at(4, 6, 3), "20261104-0600 notice will be tried again")
	b.send = func(Message) error { return nil }
	b.round(t, at(4, 6, 3), at(5, 6, 0), "20261104-0600 notice sent")
	items, err := b.Book.History(t.Context(), "daily", 1)
	if err != nil || len(items) != 1 || items[0].Run.Sent[0].Tries != 3 || items[0].Run.Sent[0].Error != "" {
		t.Errorf("%+v, %v", items, err)
	}
	// For good, after twelve times: 1 2 4 8 16 32 64 120 120 120 120 minutes.
	findings = "c"
	b.send = func(Message) error { return errors.New("refused") }
	now := at(5, 6, 0)
	b.round(t, now, now.Add(time.Minute), "20261105-0600 reported", "20261105-0600 notice will be tried again")
	for _, pause := range []int{1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120} {
		now = now.Add(time.Duration(pause) * time.Minute)
		b.clock.now, b.events = now, nil
		if _, err := b.Run(t.Context()); err != nil || len(b.events) != 1 {
			t.Fatalf("at %s: %v, %v", now, b.events, err)
		}
	}
	if b.events[0] != "20261105-0600 notice failed" {
		t.Errorf("%v", b.events)
	}
	b.round(t, now.Add(time.Hour), at(6, 6, 0))
}

// TestRecipients has a mail server that refuses one of two people: the other is told once.
func TestRecipients(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) {
		d.Notices = []Notice{{Kind: NoticeEmail, To: "gone@example.org, Ana <ana@example.org>", From: "a@b", SMTP: "smtp://h"}}
	}))
	told := map[string]int{}
	b.Send = func(_ context.Context, n Notice, _ Message) error {
		told[n.To]++
		if strings.Contains(n.To, "gone@") {
			return errors.New("550 no such user")
		}
		return nil
	}
	b.round(t, at(2, 6, 0), at(2, 6, 1), "20261102-0600 reported", "20261102-0600 notice will be tried again", "20261102-0600 notice sent")
	b.round(t, at(2, 6, 1), at(2, 6, 3), "20261102-0600 notice will be tried again")
	if len(told) != 2 || told["gone@example.org"] != 2 || told["Ana <ana@example.org>"] != 1 {
		t.Errorf("%v", told)
	}
}

// TestWait looks for the data every five minutes, and goes without when the time is up.
func TestWait(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.RequireComplete, d.WaitUpTo = true, Duration(12*time.Minute) }))
	b.make = func(j Job) (Made, error) {
		if !j.Overdue {
			return Made{}, fmt.Errorf("coverage: %w", &Incomplete{"no delivery yet"})
		}
		return Made{Incomplete: "no delivery yet"}, nil
	}
	b.round(t, at(2, 6, 0), at(2, 6, 5), "20261102-0600 waiting")
	items, err := b.Book.History(t.Context(), "daily", 0)
	if err != nil || items[0].Run.Waiting != "no delivery yet" || len(items[0].Run.Attempts) != 0 {
		t.Errorf("%+v, %v", items, err)
	}
	b.round(t, at(2, 6, 5), at(2, 6, 10), "20261102-0600 waiting")
	b.round(t, at(2, 6, 10), at(2, 6, 12), "20261102-0600 waiting")
	b.round(t, at(2, 6, 12), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
}

// TestCatchUp has four due times missed.
func TestCatchUp(t *testing.T) {
	b := newBench(t, daily(nil))
	b.round(t, at(5, 7, 0), at(6, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent",
		"20261103-0600 reported", "20261104-0600 reported", "20261105-0600 reported")
	b = newBench(t, daily(func(d *Definition) { d.CatchUp = CatchUpLast }))
	b.round(t, at(5, 7, 0), at(6, 6, 0), "20261104-0600 skipped", "20261105-0600 reported", "20261105-0600 notice sent")
	b.round(t, at(6, 7, 0), at(7, 6, 0), "20261106-0600 reported")
	items, err := b.Book.History(t.Context(), "daily", 0)
	if err != nil || len(items) != 3 || items[2].Run.Skipped != 3 || !items[2].Run.SkippedFrom.Equal(at(2, 6, 0)) {
		t.Errorf("%+v, %v", items, err)
	}
}

// TestPause makes up for what was due before a pause, and not for what was due in it.
func TestPause(t *testing.T) {
	b := newBench(t, daily(nil))
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(b.Book.Pause(t.Context(), "daily", at(2, 8, 0)))
	do(b.Book.Pause(t.Context(), "daily", at(3, 8, 0)))
	b.round(t, at(4, 8, 0), time.Time{})
	do(b.Book.Resume(t.Context(), "daily", at(4, 9, 0)))
	do(b.Book.Resume(t.Context(), "daily", at(4, 10, 0)))
	b.round(t, at(5, 7, 0), at(6, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent", "20261105-0600 reported")
	do(b.Book.Pause(t.Context(), "daily", at(5, 8, 0)))
	do(b.Book.Resume(t.Context(), "daily", at(5, 9, 0)))
	if d, err := b.Book.Schedule(t.Context(), "daily"); err != nil || len(d.Pauses) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestBook adds, replaces and removes.
func TestBook(t *testing.T) {
	b := newBench(t, daily(nil))
	ctx := t.Context()
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	d, err := b.Book.Schedule(ctx, "daily")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Book.Add(ctx, *d, false); !errors.Is(err, ErrExists) {
		t.Error(err)
	}
	d.Cron, d.From = "0 7 * * *", at(2, 12, 0)
	if _, err := b.Book.Add(ctx, *d, true); err != nil {
		t.Error(err)
	}
	b.round(t, at(3, 7, 0), at(4, 7, 0), "20261103-0700 reported")
	if items, err := b.Book.History(ctx, "daily", 0); err != nil || len(items) != 2 {
		t.Errorf("%v, %v", items, err)
	}
	if err := b.Book.Remove(ctx, "daily", at(3, 8, 0)); err != nil {
		t.Error(err)
	}
	for _, err := range []error{
		b.Book.Remove(ctx, "daily", at(3, 8, 0)), b.Book.Pause(ctx, "daily", at(3, 8, 0)), b.Book.Resume(ctx, "nope", at(3, 8, 0)), b.Book.Pause(ctx, "../x", at(3, 8, 0)),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	b.round(t, at(9, 7, 0), time.Time{})
	d.From = at(9, 8, 0)
	if _, err := b.Book.Add(ctx, *d, false); err != nil {
		t.Error(err)
	}
	b.round(t, at(10, 7, 0), at(11, 7, 0), "20261110-0700 reported", "20261110-0700 notice sent")
	if items, err := b.Book.History(ctx, "daily", 0); err != nil || len(items) != 1 {
		t.Errorf("the history of a schedule that was removed is back: %v, %v", items, err)
	}
	if all, err := b.Book.Schedules(ctx); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestReplace makes up for what the schedule before has missed, or says that it is skipped.
func TestReplace(t *testing.T) {
	b := newBench(t, daily(nil))
	ctx := t.Context()
	add := func(change func(*Definition)) *Run {
		t.Helper()
		d := testDefinition
		daily(change)(&d)
		d.Normalize()
		skipped, err := b.Book.Add(ctx, d, true)
		if err != nil {
			t.Fatal(err)
		}
		return skipped
	}
	b.round(t, at(2, 6, 0), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	// The same due times, of which one fell into a pause that has not ended.
	if err := b.Book.Pause(ctx, "daily", at(4, 5, 0)); err != nil {
		t.Fatal(err)
	}
	if skipped := add(func(d *Definition) { d.From, d.To = at(4, 7, 0), []string{"/other"} }); skipped != nil {
		t.Errorf("%+v", skipped)
	}
	b.round(t, at(4, 8, 0), at(5, 6, 0), "20261103-0600 reported")
	// Other due times.
	later := func(d *Definition) { d.From, d.Cron = at(7, 7, 0), "0 7 * * *" }
	if s := add(later); s == nil || s.State != StateSkipped || s.Skipped != 3 || !s.SkippedFrom.Equal(at(5, 6, 0)) || !s.Due.Equal(at(7, 6, 0)) {
		t.Errorf("%+v", s)
	}
	items, err := b.Book.History(ctx, "daily", 1)
	if err != nil || items[0].Run.State != StateSkipped || items[0].Run.Skipped != 3 {
		t.Errorf("%+v, %v", items, err)
	}
	if skipped := add(later); skipped != nil {
		t.Errorf("nothing was missed: %+v", skipped)
	}
	b.round(t, at(8, 7, 0), at(9, 7, 0), "20261108-0700 reported")
	if skipped := add(func(d *Definition) { d.From, d.TimeZone = at(8, 8, 0), "Europe/Zagreb" }); skipped != nil {
		t.Errorf("nothing was missed: %+v", skipped)
	}
	b.round(t, at(9, 5, 0), at(10, 5, 0), "20261109-0500 reported")
}

// TestInterrupt gives a run back when the process is told to end.
func TestInterrupt(t *testing.T) {
	b := newBench(t, daily(nil))
	ctx, cancel := context.WithCancel(t.Context())
	made := b.make
	b.make = func(Job) (Made, error) { cancel(); return Made{}, context.Canceled }
	b.clock.now = at(2, 6, 0)
	if _, err := b.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.make = made
	b.round(t, at(2, 6, 1), at(3, 6, 0), "20261102-0600 reported", "20261102-0600 notice sent")
	if items, err := b.Book.History(t.Context(), "daily", 0); err != nil || len(items[0].Run.Attempts) != 1 {
		t.Errorf("%v, %v", items, err)
	}
}

// TestDying gives a run up that kills its runners.
func TestDying(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.Attempts = 2 }))
	it, now := Item{Run: NewRun("daily", at(2, 6, 0))}, at(2, 6, 0)
	for range 2 {
		var err error
		if it, err = b.Book.save(t.Context(), it, it.Run.Claim("dead", now)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Minute)
	}
	b.round(t, now, at(3, 6, 0), "20261102-0600 failed", "20261102-0600 notice sent")
}

// TestThinned is of a runner that slept until the due time's run was settled and removed.
func TestThinned(t *testing.T) {
	b := newBench(t, daily(func(d *Definition) { d.Keep = 1 }))
	b.clock.now = at(9, 7, 0)
	if _, err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if items, err := b.Book.History(t.Context(), "daily", 0); err != nil || len(items) != 1 {
		t.Errorf("%d runs are kept, %v", len(items), err)
	}
	late := NewRun("daily", at(3, 6, 0)).Claim("late", at(9, 8, 0))
	if _, err := b.Book.save(t.Context(), Item{}, late); !errors.Is(err, lake.ErrConflict) {
		t.Error(err)
	}
	b.round(t, at(9, 9, 0), at(10, 6, 0))
}

// TestValidate refuses what cannot be, and everything that would keep a secret.
func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Definition){
		"":               func(*Definition) {},
		"name":           func(d *Definition) { d.Name = "Monthly" },
		"five fields":    func(d *Definition) { d.Cron = "0 6 1" },
		"time zone":      func(d *Definition) { d.TimeZone = "Zagreb" },
		"no report":      func(d *Definition) { d.Report = "" },
		"no folder":      func(d *Definition) { d.To = nil },
		"given twice":    func(d *Definition) { d.To = []string{"/r", "/r"} },
		"attempts":       func(d *Definition) { d.Attempts = 101 },
		"back-off":       func(d *Definition) { d.Backoff = Duration(time.Millisecond) },
		"catch-up":       func(d *Definition) { d.CatchUp = "none" },
		"keep":           func(d *Definition) { d.Keep = -1 },
		"require":        func(d *Definition) { d.WaitUpTo = 1 },
		"link":           func(d *Definition) { d.Link = "https://u:p@example.org" },
		"URL of Slack":   notice(Notice{Kind: NoticeSlack, To: "https://hooks.slack.com/services/hunter2"}),
		"a password or":  notice(Notice{Kind: NoticeWebhook, To: "https://u:hunter2@example.org"}),
		"or a query":     notice(Notice{Kind: NoticeWebhook, To: "https://example.org/?token=hunter2"}),
		"has no URL":     notice(Notice{Kind: NoticeWebhook, To: "hunter2"}),
		"signing key":    notice(Notice{Kind: NoticeWebhook, To: "https://example.org", Secret: "hunter2"}),
		"no ARN":         notice(Notice{Kind: NoticeSNS, To: "audit"}),
		"password is":    notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://h", User: "u", Password: "hunter2"}),
		"go together":    notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://h", User: "u"}),
		"by themselves":  notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://u:hunter2@h"}),
		"port is 99999":  notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://h:99999"}),
		"port is 0":      notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://h:0"}),
		"the server is":  notice(Notice{Kind: NoticeEmail, To: "a@b", From: "c@d", SMTP: "smtp://:25"}),
		"no e-mail":      notice(Notice{Kind: NoticeEmail, To: "a", From: "c@d", SMTP: "smtp://h"}),
		"no sender":      notice(Notice{Kind: NoticeEmail, To: "a@b", SMTP: "smtp://h"}),
		"are for e-mail": notice(Notice{Kind: NoticeSNS, To: "arn:aws:sns:eu-west-1:123456789012:x", From: "a@b"}),
		"when":           notice(Notice{Kind: NoticeSNS, To: "arn:aws:sns:eu-west-1:123456789012:x", When: "never"}),
		"it is webhook":  notice(Notice{Kind: "pigeon", To: "x"}),
	} {
		d := testDefinition
		change(&d)
		d.Normalize()
		err := d.Validate()
		switch {
		case want == "" && err != nil:
			t.Error(err)
		case want != "" && (!errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want)):
			t.Errorf("want %q: %v", want, err)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("a secret is told: %v", err)
		}
	}
	for _, ok := range []Notice{
		{Kind: NoticeSlack, To: "env:SLACK"}, {Kind: NoticeWebhook, To: "file:/run/secrets/hook", Secret: "env:KEY"},
		{Kind: NoticeEmail, To: "a@b,c@d", From: "Audit <e@f>", SMTP: "smtps://mail.example.org:465", User: "u", Password: "file:/p"},
		{Kind: NoticeSNS, To: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:audit.fifo"},
	} {
		d := testDefinition
		d.Notices = []Notice{ok}
		d.Normalize()
		if err := d.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func notice(n Notice) func(*Definition) { return func(d *Definition) { d.Notices = []Notice{n} } }
