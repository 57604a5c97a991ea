package gen

// stats counts what a worker writes. Merging is adding, so that the sum does not
// depend on who wrote what.
type stats struct {
	w        *world
	records  int64 // copies included
	bytes    int64
	first    int64
	last     int64
	events   []eventStats // by index in the catalog
	failures map[string]int64
	accounts []int64
	regions  []int64
	days     []int64
	addrs    []addressStats
	odd      [oddCount]int64
	pairs    int64 // actions logged in two accounts
	root     int64
	rootOnly int64 // without copies
	logins   loginStats
}

type eventStats struct {
	records    int64
	duplicated int64 // events with copies
	copies     int64 // records of those events
	wasted     int64 // bytes of all but one of them
	regions    uint64
	trails     uint8
}

type addressStats struct {
	calls, errors int64
	first, last   int64
	sources       map[string]struct{}
}

type loginStats struct{ success, withoutMFA, failed int64 }

func newStats(w *world) *stats {
	days := w.c.Days
	s := &stats{
		w: w, events: make([]eventStats, len(w.catalog.events)), failures: map[string]int64{}, first: 1 << 62,
		accounts: make([]int64, len(w.accounts)), regions: make([]int64, w.c.Regions), days: make([]int64, days+1),
		addrs: make([]addressStats, len(w.addresses)),
	}
	for i := range s.addrs {
		s.addrs[i] = addressStats{first: 1 << 62, sources: map[string]struct{}{}}
	}
	return s
}

// record counts a record or one more copy of it.
func (s *stats) record(u *unit, c *call, rec []byte) {
	s.records++
	s.bytes += int64(len(rec))
	s.first, s.last = min(s.first, c.time), max(s.last, c.time)
	s.events[c.ev.index].records++
	s.accounts[c.to.index]++
	s.regions[u.region]++
	s.days[min(max(int((c.time-s.w.c.Start.Unix())/86400), 0), len(s.days)-1)]++
	if c.root {
		s.root++
	}
	if c.fail != nil {
		s.failures[c.fail.code]++
	}
	if c.addr < 0 {
		return
	}
	a := &s.addrs[c.addr]
	a.calls++
	if c.fail != nil && c.fail.code != "" {
		a.errors++
	}
	a.first, a.last = min(a.first, c.time), max(a.last, c.time)
	if _, ok := a.sources[c.ev.source]; !ok {
		a.sources[c.ev.source] = struct{}{}
	}
}

func (s *stats) event(u *unit, c *call, rec []byte, odd oddity) {
	s.record(u, c, rec)
	s.odd[odd]++
	if c.root {
		s.rootOnly++
	}
	if c.login {
		switch {
		case c.fail != nil:
			s.logins.failed++
		case !c.sess.mfa:
			s.logins.success++
			s.logins.withoutMFA++
		default:
			s.logins.success++
		}
	}
}

func (s *stats) copy(u *unit, c *call, rec []byte) { s.record(u, c, rec) }

func (s *stats) duplicated(c *call, rec []byte, extra int, regions uint64, trails uint8) {
	e := &s.events[c.ev.index]
	e.duplicated++
	e.copies += int64(1 + extra)
	e.wasted += int64(extra * len(rec))
	e.regions |= regions
	e.trails |= trails
}

func (s *stats) merge(o *stats) {
	s.records += o.records
	s.bytes += o.bytes
	s.first, s.last = min(s.first, o.first), max(s.last, o.last)
	for i, e := range o.events {
		t := &s.events[i]
		t.records += e.records
		t.duplicated += e.duplicated
		t.copies += e.copies
		t.wasted += e.wasted
		t.regions |= e.regions
		t.trails |= e.trails
	}
	for code, n := range o.failures {
		s.failures[code] += n
	}
	add := func(to, from []int64) {
		for i, n := range from {
			to[i] += n
		}
	}
	add(s.accounts, o.accounts)
	add(s.regions, o.regions)
	add(s.days, o.days)
	add(s.odd[:], o.odd[:])
	for i, a := range o.addrs {
		t := &s.addrs[i]
		t.calls += a.calls
		t.errors += a.errors
		t.first, t.last = min(t.first, a.first), max(t.last, a.last)
		for source := range a.sources {
			t.sources[source] = struct{}{}
		}
	}
	s.pairs += o.pairs
	s.root += o.root
	s.rootOnly += o.rootOnly
	s.logins.success += o.logins.success
	s.logins.withoutMFA += o.logins.withoutMFA
	s.logins.failed += o.logins.failed
}
