package gen

import "strconv"

// A unit makes the records of one account over some neighbouring slots. It is used by
// one goroutine at a time.
type unit struct {
	w        *world
	rnd      *random
	stats    *stats
	out      *outbox
	acct     *account
	sessions map[*principal]*session
	left     int // records to write in this slot

	// Of the call in hand.
	region  int
	fresh   uint64 // decides what placeholders stand for
	picks   [poolCount]int32
	cur     *call
	sess    *session // whose ARN <arn> is
	opening *session
	vars    map[string]string // of an attack
	record  []byte
	request []byte
}

// A call is one action about to become a record, or several copies of one.
type call struct {
	ev        *event
	identity  string
	to        *account // whose log it goes to
	time      int64
	addr      int
	agent     []byte
	fail      *failure
	shared    []byte
	requestID []byte
	eventID   []byte // empty: a new one
	sess      *session
	tls       bool
	console   bool
	vpce      bool
	login     bool
	root      bool
}

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

func (u *unit) uuid() []byte { return appendUUID(nil, u.rnd.u64(), u.rnd.u64(), hexDigits) }

// begin forgets what the placeholders of the last call stood for.
func (u *unit) begin() {
	u.fresh = u.rnd.u64()
	for i := range u.picks {
		u.picks[i] = -1
	}
}

func (u *unit) picked(k pool) int {
	if u.picks[k] < 0 {
		u.picks[k] = int32(u.rnd.skewed(poolSizes[k]))
	}
	return int(u.picks[k])
}

func (u *unit) appendPool(dst []byte, k pool) []byte {
	return append(dst, u.acct.pools[k][u.picked(k)]...)
}

func (u *unit) homeOf(p *principal) int {
	if p.home >= 0 && p.home < u.w.c.Regions {
		return p.home
	}
	return u.w.regions.draw(u.rnd)
}

// slot writes n records of the account's activity in the five minutes from t on.
func (u *unit) slot(t int64, n int) {
	u.left = n
	u.startSlot(t)
	for u.left > 0 {
		u.burst(t + int64(u.rnd.below(240)))
	}
}

// startSlot writes what does not come from sessions.
func (u *unit) startSlot(t int64) {
	if u.w.c.Insights && u.left >= 40 && u.rnd.chance(0.3) {
		u.insight(t)
	}
	if u.w.c.NetworkActivity {
		for range u.left / 80 {
			u.networkActivity(t + int64(u.rnd.below(240)))
		}
	}
}

// burst writes the calls that one session makes in a row.
func (u *unit) burst(t int64) {
	a := u.acct
	data := u.rnd.chance(u.w.c.DataEvents)
	by := a.byCalls
	if data {
		by = a.byData
	}
	p := a.principals[by.draw(u.rnd)]
	if (p.kind == kindSSO || p.kind == kindConsole || p.kind == kindRoot) && quiet(t) && !u.rnd.chance(0.12) {
		return
	}
	choices := u.w.catalog.calls[p.use]
	if data {
		choices = u.w.catalog.data[p.use]
	}
	if choices == nil || choices.empty() {
		return
	}
	s := u.session(p, t)
	t = max(t, s.created) // another burst of the slot may have opened it
	region := u.homeOf(p)
	length := 1 + min(int(u.rnd.skewed(40)), 30)
	for i := 0; i < length && u.left > 0; i++ {
		u.begin()
		u.region = region
		u.make(s, choices.events[choices.draw(u.rnd)], t)
		if u.rnd.chance(0.6) {
			t += int64(u.rnd.below(4))
		}
	}
}

// denied gives the share of denied calls by column: people and scanners try what
// they may not, workloads seldom do.
func denied(use byte) float64 {
	switch use {
	case 'H':
		return 0.02
	case 'S':
		return 0.012
	case 'V':
		return 0
	default:
		return 0.002
	}
}

// make writes the record of one call of a session, and of what follows from it.
func (u *unit) make(s *session, ev *event, t int64) {
	p := s.p
	c := call{ev: ev, to: p.acct, time: t, addr: s.addr, agent: s.agent, sess: s, tls: true, root: p.kind == kindRoot}
	c.identity = s.identity
	if ev.agent != "" {
		c.agent = []byte(ev.agent)
	}
	switch {
	case p.kind == kindService:
		c.tls = false
		if ev.noRequest {
			c.identity = `{"accountId":"` + p.acct.id + `","invokedBy":"` + ev.source + `"}`
			c.addr, c.agent = u.w.serviceAddress(ev.source), []byte(ev.source)
		}
	case p.kind == kindLinked:
		c.tls = false
	case ev.service == "s3":
		c.agent = s.bracket
		c.vpce = p.vpce || s.console
	case s.console:
		c.console = true
		if u.fresh&1 == 0 {
			c.agent, c.tls = []byte("AWS Internal"), false
		}
	default:
		c.vpce = p.vpce
	}
	c.fail = u.failure(ev, p.use)
	u.emit(&c)
	if p.service != "" {
		return // already a service's call
	}
	if c.fail == nil && ev.follow != "" && u.left > 0 && u.rnd.chance(ev.followed) {
		next := c
		next.ev = u.w.catalog.named(ev.follow)
		next.identity = s.identity[:len(s.identity)-1] + `,"invokedBy":"` + ev.source + `"}`
		next.addr, next.agent = u.w.serviceAddress(ev.source), []byte(ev.source)
		next.tls, next.vpce = false, false
		u.emit(&next)
	}
}

func (u *unit) failure(ev *event, use byte) *failure {
	x := u.rnd.unit()
	for i := range ev.errors {
		if x -= ev.errors[i].share; x < 0 {
			return &ev.errors[i]
		}
	}
	if u.rnd.chance(denied(use)) && ev.kind == "AwsApiCall" {
		if f := u.w.catalog.denied[ev.service]; f != nil {
			return f
		}
		return u.w.catalog.denied[""]
	}
	return nil
}

// emit writes the record of c to every log that it goes to.
func (u *unit) emit(c *call) {
	u.cur, u.sess = c, c.sess
	if c.ev.global {
		u.region = 0
	}
	if len(c.requestID) == 0 && !c.ev.noRequest {
		u.request = u.appendRequestID(u.request[:0], c.ev)
		c.requestID = u.request
	}
	rec, odd := u.odd(c, u.appendRecord(u.record[:0], c))
	u.record = rec
	u.stats.event(u, c, rec, odd)
	u.put(logKind{account: c.to.index, region: u.region, category: categoryOf(c.ev)}, rec)
	u.left--
	if c.to.legacy && c.ev.category == "Management" {
		u.copies(c, rec)
	}
	c.requestID = nil
}

// copies writes the copies of a global event that the logs of other regions and the
// second trail get.
func (u *unit) copies(c *call, rec []byte) {
	extra, regions, trails := 0, uint64(1)<<uint(u.region), uint8(1)
	put := func(region int, second bool) {
		if u.left <= 0 {
			return
		}
		u.put(logKind{account: c.to.index, region: region, second: second}, rec)
		u.stats.copy(u, c, rec)
		u.left--
		extra++
		regions |= 1 << uint(region)
		if second {
			trails |= 2
		}
	}
	if c.ev.copied {
		for r := 1; r < u.w.c.Regions; r++ {
			put(r, false)
		}
	}
	second := min(secondTrailRegion, u.w.c.Regions-1)
	if c.ev.copied || u.region == second {
		put(second, true)
	}
	if extra > 0 {
		u.stats.duplicated(c, rec, extra, regions, trails)
	}
}

func (u *unit) put(k logKind, rec []byte) { u.out.put(u, k, rec, u.cur.time) }

func (w *world) serviceAddress(name string) int {
	if i, ok := w.serviceIndex[name]; ok {
		return i
	}
	panic("BUG: no address of " + name)
}
