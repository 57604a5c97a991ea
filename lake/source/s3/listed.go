package s3

import (
	"hash/fnv"
	"io"
	"maps"
	"strings"
	"sync"
	"time"
)

const (
	// recentDays are listed whole by every listing, counted back from the day of the one
	// before. CloudTrail puts a log into the folder of the day on which it delivers it, so
	// that only what is copied or replicated into a bucket comes later.
	recentDays = 2
	// cycleDays is in how many days every older month is listed again.
	cycleDays = 60
	// smallFolder is up to how many keys the folder of a region is always listed whole:
	// it takes one request, as do its recent days alone.
	smallFolder = 900
)

// Listed is what a complete listing saw, so that the next one need not ask for all of it
// again. It is kept beside the lake, and losing it costs a longer listing and nothing
// else.
//
// The rule, by which no object is missed: a folder of a region that is new is listed
// whole, and so is one that holds few objects. Of others every listing has all days from
// the day before that of the last one on, or before the newest day that was seen in them,
// as a clock may be ahead; whether the ledger knows objects of them or not. And of their
// older months as many as it takes to have each of them again within
// sixty days, which finds what was put into an old day. Listing without a Listed has
// everything at once. Which of the listed objects are new is always the ledger's to say.
//
// The caller keeps it only if all that was listed is in the ledger.
type Listed struct {
	// V is the version of this format.
	V int `json:"v"`
	// URL, Accounts and Regions say what was listed.
	URL      string   `json:"url"`
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
	// At is when the listing began, UTC.
	At time.Time `json:"at"`
	// Objects is how many the ledger knew afterwards; the caller sets it. One that knows
	// fewer is another ledger.
	Objects int64 `json:"objects"`
	// Folders are those of regions, by prefix.
	Folders map[string]*Folder `json:"folders"`

	mu sync.Mutex // guards Folders while a listing runs
}

const listedVersion = 1

// Folder is the folder of a region when it was last listed whole.
type Folder struct {
	// Keys is how many objects it held, and First the day of the first of them.
	Keys  int64     `json:"keys"`
	First time.Time `json:"first,omitzero"`
	// Last is what its objects tell of the time of the last listing: how far days and
	// times of modification have come, whichever is less. A clock cannot make it wrong.
	Last time.Time `json:"last,omitzero"`
}

// newListed returns what a listing that begins now fills.
func (s *Source) newListed() *Listed {
	return &Listed{V: listedVersion, URL: s.URL(), Accounts: s.o.Filter.Accounts, Regions: s.o.Filter.Regions, At: s.o.Now().UTC(), Folders: make(map[string]*Folder)}
}

// Continue makes later listings ask only for what can be new since known was listed. nil
// lists all again. The ledger must know objects as many as known says or more, and know
// all that was listed. It reports whether known is about this source and can be used.
func (s *Source) Continue(known *Listed) bool {
	s.known = nil
	if known == nil || known.V != listedVersion || known.At.IsZero() || known.At.After(s.o.Now()) || s.ranged() {
		return false
	}
	mine := s.newListed()
	if known.URL != mine.URL || !sameSet(known.Accounts, mine.Accounts) || !sameSet(known.Regions, mine.Regions) {
		return false
	}
	s.known = known
	return true
}

// Chosen says, for comparing, which accounts and regions are listed.
func (s *Source) Chosen() string {
	return "accounts " + strings.Join(s.o.Filter.Accounts, ",") + " regions " + strings.Join(s.o.Filter.Regions, ",")
}

// ranged is whether the filter bounds the days, which says already what to list.
func (s *Source) ranged() bool { return !s.o.Filter.From.IsZero() || !s.o.Filter.To.IsZero() }

func sameSet(a, b []string) bool {
	set := func(list []string) map[string]bool {
		m := make(map[string]bool)
		for _, s := range list {
			m[s] = true
		}
		return m
	}
	return maps.Equal(set(a), set(b))
}

// Listed returns what the last listing saw, if it ran to its end and nothing failed; else
// nil. That of a source that filters by day is nil, too: it saw no whole folder.
func (s *Source) Listed() *Listed {
	if s.ranged() {
		return nil
	}
	return s.listed.Load()
}

// learn returns what is to learn of a folder that is listed whole.
func (l *Listed) learn(region string) *Folder {
	f := &Folder{}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Folders[region] = f
	return f
}

func (l *Listed) add(to *Folder, keys int64, first time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.Keys += keys
	if !first.IsZero() && (to.First.IsZero() || first.Before(to.First)) {
		to.First = first
	}
}

// see notes how far the days and the times of objects that follow each other have come.
func (l *Listed) see(to *Folder, f folder, objects []item) {
	if len(objects) == 0 {
		return
	}
	var modified string
	for _, o := range objects {
		modified = max(modified, o.entry.modified) // of one form, so that text tells which is later
	}
	last := entry{modified: modified}.time()
	// Keys are in the order of their days.
	if day, ok := f.dayOf(objects[len(objects)-1].entry.key); ok && day.Before(last) {
		last = day
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if last.After(to.Last) {
		to.Last = last
	}
}

// keep takes over what an earlier listing learnt, and returns it.
func (l *Listed) keep(region string, from *Listed) *Folder {
	f := *from.Folders[region]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Folders[region] = &f
	return &f
}

// span is a range of days, from ≤ day < to. Zero means no bound.
type span struct{ from, to time.Time }

// spans returns the days of a folder in which there can be something new, in their
// order; or whole, if that is all of them.
func (l *Listed) spans(f folder, now time.Time) (days []span, whole bool) {
	if l == nil || l.Folders[f.region] == nil {
		return nil, true
	}
	const day = 24 * time.Hour
	known := l.Folders[f.region]
	then, today := l.At.UTC().Truncate(day), now.UTC().Truncate(day)
	passed := int64(today.Sub(then) / day)
	if known.Keys <= smallFolder || known.First.IsZero() || known.Last.IsZero() || passed >= cycleDays {
		return nil, true
	}
	// Every month has its turn on one day of a cycle; due are those whose day came since.
	first := then.Unix()/86400 + 1
	due := func(month time.Time) bool {
		h := fnv.New32a()
		io.WriteString(h, f.keyOfDay(month))
		turn := int64(h.Sum32() % cycleDays)
		return (turn-first%cycleDays+cycleDays)%cycleDays < passed
	}
	add := func(from, to time.Time) {
		if n := len(days); n > 0 && days[n-1].to.Equal(from) {
			days[n-1].to = to
			return
		}
		days = append(days, span{from, to})
	}
	recent := then
	if known.Last.Before(recent) {
		recent = known.Last.UTC().Truncate(day)
	}
	recent = recent.AddDate(0, 0, 1-recentDays)
	month := time.Date(known.First.Year(), known.First.Month(), 1, 0, 0, 0, 0, time.UTC)
	if before := month.AddDate(0, -1, 0); due(before) {
		add(time.Time{}, month) // all that is older than what there was
	}
	for month.Before(recent) {
		end := month.AddDate(0, 1, 0)
		if end.After(recent) {
			end = recent
		}
		if due(month) {
			add(month, end)
		}
		month = month.AddDate(0, 1, 0)
	}
	add(recent, time.Time{})
	return days, false
}
