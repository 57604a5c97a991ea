package s3

import (
	"testing"
	"time"
)

// An organization is listed in a tenth of the time of a sequential listing, and on the
// next day with 3 % of the requests. Pages are a fiftieth of S3's here, and so are the logs
// of a region and day: at 288 a day, one every five minutes, they fill as many pages.
func TestOrganization(t *testing.T) {
	if testing.Short() {
		t.Log("left out: TestListAll has the same goroutines, with fewer keys")
		return
	}
	g := generated{accounts: 2, regions: len(regions), days: 365, perDay: 6, first: firstDay}
	today := firstDay.AddDate(0, 0, 364)
	count := func(s *Source) (n int) {
		for _, err := range s.List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	s, l := open(t, g, "", Options{Now: func() time.Time { return today }})
	l.pageSize, l.waves = 20, &waves{}
	l.requests.Store(0)
	if n := count(s); n != g.len() {
		t.Fatalf("%d keys, want %d", n, g.len())
	}
	first, path, sequential := l.requests.Load(), l.waves.count(), g.len()/l.pageSize
	if path*10 > sequential {
		t.Errorf("the listing takes the time of %d requests, a sequential one that of %d", path, sequential)
	}
	if first > int64(sequential)*3/2 {
		t.Errorf("%d requests, where %d pages would do", first, sequential)
	}
	// An organization of a hundred accounts has as much to list on every day. Of this one
	// more months are due on some days than on others, so that several days count.
	const days = 6
	var next int64
	for range days {
		known := s.Listed()
		g.days++
		today = today.AddDate(0, 0, 1)
		s, l = open(t, g, "", Options{Now: func() time.Time { return today }})
		l.pageSize, l.modified = 20, today.Format(time.RFC3339)
		l.requests.Store(0)
		if !s.Continue(known) {
			t.Fatal("what was listed is not taken")
		}
		if n := count(s); n < g.accounts*g.regions*g.perDay {
			t.Errorf("%d keys on the next day", n)
		}
		next += l.requests.Load()
	}
	if next*100 > days*first*3 {
		t.Errorf("%d requests on the next %d days, %d on the first: more than 3 %%", next, days, first)
	}
	t.Logf("%d keys: %d requests in the time of %d; on the next %d days %d", g.len(), first, path, days, next)
}

// BenchmarkOrganization lists 100 accounts × 17 regions × 365 days, a log every hour, from
// a service that takes 20 ms for a request; beside it as many pages as a sequential listing
// takes, of which a hundred are measured.
func BenchmarkOrganization(b *testing.B) {
	g := generated{accounts: 100, regions: len(regions), days: 365, perDay: 24, first: firstDay}
	today := firstDay.AddDate(0, 0, 364)
	s, l := open(b, g, "", Options{Now: func() time.Time { return today }})
	l.delay = 20 * time.Millisecond
	const some = 100
	started, token := time.Now(), ""
	for range some {
		p, err := s.list(b.Context(), "", "", "", token)
		if err != nil {
			b.Fatal(err)
		}
		token = p.next
	}
	pages := (g.len() + 999) / 1000
	sequential := time.Since(started) / some * time.Duration(pages)
	for b.Loop() {
		l.requests.Store(0)
		started := time.Now()
		n := 0
		for _, err := range s.List(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != g.len() {
			b.Fatalf("%d keys, want %d", n, g.len())
		}
		b.ReportMetric(float64(l.requests.Load()), "requests")
		b.ReportMetric(float64(sequential)/float64(time.Since(started)), "times-sequential")
		b.ReportMetric(float64(sequential.Seconds()), "s-sequential")
	}
}
