package scalar

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// field is a part of a time that a text has, in the order in which Joda sets them: parts of the
// longest stretches first.
type field uint8

const (
	era field = iota
	century
	year
	yearOfEra
	weekYear
	month
	week
	yearDay
	monthDay
	weekDay
	halfDay
	hour
	clockHour
	halfHour
	clockHalfHour
	minute
	second
	milli
)

// rank is the place of a field in the order; those of one rank are set as they were read.
func (f field) rank() field {
	switch f {
	case yearOfEra, weekYear:
		return year
	case clockHour:
		return hour
	case clockHalfHour:
		return halfHour
	}
	return f
}

// jodaReader reads a time as Joda does: it collects the fields of a text, and then sets them.
type jodaReader struct {
	cursor
	fields []fieldValue
	zone   *time.Location
	offset bool  // zone is an offset, at which no time is skipped
	micros int64 // of the fraction of a second, behind its milliseconds
	room   [12]fieldValue
}

type fieldValue struct {
	field field
	value int64
}

func newJodaReader(s string) *jodaReader {
	r := &jodaReader{cursor: cursor{s: s}}
	r.fields = r.room[:0]
	return r
}

func (r *jodaReader) save(f field, v int64) { r.fields = append(r.fields, fieldValue{f, v}) }

// digits reads a field of one digit to so many.
func (r *jodaReader) digits(f field, most int) bool {
	v, ok := r.number(1, min(most, 9))
	r.save(f, v)
	return ok
}

// signed reads a field of digits that may have a sign, which counts for no digit.
func (r *jodaReader) signed(f field, most int) bool {
	negative := r.take('-')
	if !negative {
		r.take('+')
	}
	v, ok := r.number(1, min(most, 9))
	if negative {
		v = -v
	}
	r.save(f, v)
	return ok
}

// twoDigits reads a year of two digits as one of the hundred years from low on. A lenient one may
// have a sign or another number of digits, and is the year as it stands then.
func (r *jodaReader) twoDigits(f field, low int64, lenient bool) bool {
	n := 0
	for n < len(r.s) && r.s[n] >= '0' && r.s[n] <= '9' {
		n++
	}
	if lenient && n != 2 {
		return r.signed(f, 9)
	}
	v, ok := r.number(2, 2)
	r.save(f, low+(v-low%100+100)%100)
	return ok
}

// fraction reads a part of a second, of which milliseconds count.
func (r *jodaReader) fraction(most int) bool {
	n := 0
	v, unit := int64(0), int64(100_000)
	for n < len(r.s) && n < most && r.s[n] >= '0' && r.s[n] <= '9' {
		v += int64(r.s[n]-'0') * unit
		unit /= 10
		n++
	}
	r.s = r.s[n:]
	r.save(milli, v/1000)
	r.micros = v % 1000
	return n > 0
}

// name reads one of the names, in full or its first three letters, as it is written or all in
// lower or upper case. The value is its place from first on.
func (r *jodaReader) name(f field, names []string, first int) bool {
	for _, short := range []bool{false, true} {
		for i, full := range names {
			n := full
			if short {
				n = n[:min(3, len(n))]
			}
			if len(r.s) < len(n) {
				continue
			}
			if s := r.s[:len(n)]; s == n || s == strings.ToLower(n) || s == strings.ToUpper(n) {
				r.s = r.s[len(n):]
				r.save(f, int64(i+first))
				return true
			}
		}
	}
	return false
}

// literal reads a text, whatever its case.
func (r *jodaReader) literal(text string) bool {
	for _, want := range text {
		c, n := utf8.DecodeRuneInString(r.s)
		if c != want && unicode.ToUpper(c) != unicode.ToUpper(want) && unicode.ToLower(c) != unicode.ToLower(want) || n == 0 {
			return false
		}
		r.s = r.s[n:]
	}
	return true
}

// zoneOffset reads Z, or an offset of hours, minutes and seconds.
func (r *jodaReader) zoneOffset() bool {
	r.offset = true
	if r.take('Z') || r.take('z') {
		r.zone = time.UTC
		return true
	}
	c := r.cursor
	sign := 1
	if c.take('-') {
		sign = -1
	} else if !c.take('+') {
		return false
	}
	h, ok := c.number(2, 2)
	m := int64(0)
	if colon := c.take(':'); ok && (colon || c.s != "" && c.s[0] >= '0' && c.s[0] <= '9') {
		m, ok = c.number(2, 2)
	}
	if !ok || h > 14 || m > 59 || h == 14 && m > 0 {
		return false
	}
	r.cursor, r.zone = c, fixedZone(sign*int(h*3600+m*60))
	return true
}

// shortZones are the names of zones that Joda reads for z.
var shortZones = map[string]string{
	"UTC": "UTC", "UT": "UTC", "GMT": "UTC", "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
	"CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}

// zoneName reads the name of a zone: a short one, or that of a region.
func (r *jodaReader) zoneName(short bool) bool {
	end := 0
	for end < len(r.s) && (r.s[end] >= 'a' && r.s[end] <= 'z' || r.s[end] >= 'A' && r.s[end] <= 'Z' || strings.IndexByte("/_+-:0123456789", r.s[end]) >= 0) {
		end++
	}
	name := r.s[:end]
	if short {
		name = shortZones[name]
	}
	zone, err := Zone(name)
	r.zone, r.s = zone, r.s[end:]
	return err == nil && end > 0
}

// instant sets the fields that were read, and fails where a value is out of the range that it has
// with those before it. A time without a year, but with a month or a day, is in 2000, which has
// February 29; one without either is of 1970-01-01. With a zone it is the instant, in microseconds.
func (r *jodaReader) instant() (int64, bool) {
	byRank := func(a, b fieldValue) int { return int(a.field.rank()) - int(b.field.rank()) }
	if !slices.IsSortedFunc(r.fields, byRank) {
		slices.SortStableFunc(r.fields, byRank)
	}
	if len(r.fields) > 0 && r.fields[0].field >= month && r.fields[0].field <= weekDay {
		r.fields = slices.Insert(r.fields, 0, fieldValue{year, 2000})
	}
	var t jodaTime
	fields := r.fields
	if f := fields; len(f) > 2 && f[0].field == year && f[1].field == month && f[2].field == monthDay && (len(f) == 3 || f[3].field >= halfDay) {
		// A plain date needs no steps.
		var ok bool
		if t.day, ok = days(f[0].value, f[1].value, f[2].value); !ok || max(f[0].value, -f[0].value) > maxYear {
			return 0, false
		}
		fields = fields[3:]
	}
	// Joda sets them twice: a day that does not fit its first month may fit the one that comes.
	for round := range 2 {
		for i, f := range fields {
			if !t.set(f.field, f.value) {
				return 0, false
			}
			if round == 0 || i == len(fields)-1 {
				t.floor(f.field)
			}
		}
	}
	us := t.day*dayMicros + t.millis*1000
	switch {
	case r.zone == nil:
		return us, true
	case r.offset:
		return us - offsetAt(0, r.zone), true
	}
	at := jodaInstant(us, us, r.zone)
	return at, at+offsetAt(at, r.zone) == us
}

// jodaTime is a day since 1970-01-01 and the milliseconds of it.
type jodaTime struct{ day, millis int64 }

func (t *jodaTime) date() (y, m, d int64) {
	at := time.Unix(t.day*86400, 0).UTC()
	return int64(at.Year()), int64(at.Month()), int64(at.Day())
}

// isoWeek is the week of the day, and the year that it belongs to.
func (t *jodaTime) isoWeek() (y, w int64) {
	year, week := time.Unix(t.day*86400, 0).UTC().ISOWeek()
	return int64(year), int64(week)
}

// isoDay is the day of the week, from 1 for Monday.
func (t *jodaTime) isoDay() int64 { return t.day + 4 - 7*FloorDiv(t.day+3, 7) }

// setDate moves to a month of a year, to the day of it or to its last.
func (t *jodaTime) setDate(y, m, d int64) bool {
	if max(y, -y) > maxYear {
		return false
	}
	t.day, _ = days(y, m, min(d, daysOf(y, m)))
	return true
}

func daysOf(y, m int64) int64 {
	return int64(time.Date(int(y), time.Month(m+1), 0, 0, 0, 0, 0, time.UTC).Day())
}

// firstWeek is the Monday of the first week of a year.
func firstWeek(y int64) int64 {
	jan4, _ := days(y, 1, 4)
	return 7*FloorDiv(jan4+3, 7) - 3
}

// set changes one field; false says that the value is out of its range.
func (t *jodaTime) set(f field, v int64) bool {
	if f >= halfDay {
		return t.setClock(f, v)
	}
	y, m, d := t.date()
	within := func(least, most int64) bool { return v >= least && v <= most }
	switch f {
	case era:
		return v == 1 // years of the other are not read
	case century:
		return within(0, 2899) && t.setDate(v*100+y%100, m, d)
	case year:
		return t.setDate(v, m, d)
	case yearOfEra:
		return v >= 1 && t.setDate(v, m, d)
	case weekYear:
		if !within(-maxYear, maxYear) {
			return false
		}
		_, w := t.isoWeek()
		first := firstWeek(v)
		w = min(w, (firstWeek(v+1)-first)/7)
		t.day = first + 7*(w-1) + t.isoDay() - 1
		return true
	case month:
		return within(1, 12) && t.setDate(y, v, d)
	case week:
		wy, w := t.isoWeek()
		t.day += 7 * (v - w)
		return within(1, (firstWeek(wy+1)-firstWeek(wy))/7)
	case yearDay:
		first, _ := days(y, 1, 1)
		next, _ := days(y+1, 1, 1)
		t.day = first + v - 1
		return within(1, next-first)
	case monthDay:
		t.day += v - d
		return within(1, daysOf(y, m))
	default:
		t.day += v - t.isoDay()
		return within(1, 7)
	}
}

// setClock changes a field of the time of the day.
func (t *jodaTime) setClock(f field, v int64) bool {
	unit, count := f.clock()
	if f == clockHour || f == clockHalfHour {
		if v < 1 || v > count {
			return false
		}
		v %= count
	}
	t.millis += (v - t.millis/unit%count) * unit
	return v >= 0 && v < count
}

// clock returns the milliseconds of a field of the time of the day, and how many values it has.
func (f field) clock() (unit, count int64) {
	switch f {
	case halfDay:
		return 12 * 3_600_000, 2
	case hour, clockHour:
		return 3_600_000, 24
	case halfHour, clockHalfHour:
		return 3_600_000, 12
	case minute:
		return 60_000, 60
	case second:
		return 1000, 60
	default:
		return 1, 1000
	}
}

// floor cuts off what is smaller than a field.
func (t *jodaTime) floor(f field) {
	if f >= halfDay {
		unit, _ := f.clock()
		t.millis -= t.millis % unit
		return
	}
	t.millis = 0
	y, m, _ := t.date()
	switch f {
	case era:
		t.setDate(1, 1, 1)
	case century:
		t.setDate(y-y%100, 1, 1)
	case year, yearOfEra:
		t.setDate(y, 1, 1)
	case weekYear:
		wy, _ := t.isoWeek()
		t.day = firstWeek(wy)
	case month:
		t.setDate(y, m, 1)
	case week:
		t.day -= t.isoDay() - 1
	}
}
