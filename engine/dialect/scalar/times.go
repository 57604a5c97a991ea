package scalar

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones, on machines that have none
)

// Times travel as microseconds since 1970-01-01 00:00:00, dates as days.
var timeFuncs = []Func{
	{"t_to_date", "sb", Int, func(r *Row) error {
		d, err := ParseDate(r.S[0])
		r.Num = d
		return r.tried(r.B[1], err)
	}},
	{"t_to_time", "sb", Int, func(r *Row) error {
		c := cursor{s: r.S[0]}
		us, ok := c.clock()
		if !ok || c.s != "" {
			return r.tried(r.B[1], badCast("Value cannot be cast to time: %s", r.S[0]))
		}
		r.Num = us
		return nil
	}},
	{"t_to_timestamp", "sib", Int, func(r *Row) error {
		us, zone, err := ParseTimestamp(r.S[0], r.I[1] == 2)
		if err == nil && zone != nil {
			at := toUTC(us, zone)
			if us = at; r.I[1] == 0 {
				us += offsetAt(at, zone) // what the clocks of the zone show
			}
		}
		r.Num = us
		return r.tried(r.B[2], err)
	}},
	{"t_from_iso", "si", Int, func(r *Row) error {
		us, micros, _, err := parseISO(r.S[0])
		if err == nil && r.I[1] == 9 {
			if partsOfMicros.MatchString(r.S[0]) {
				return &Error{"NOT_SUPPORTED", "a timestamp with parts of a microsecond is not supported: " + r.S[0]}
			}
			us += micros
		}
		r.Num = us
		return err
	}},
	{"t_from_iso_date", "s", Int, func(r *Row) error {
		j := newJodaReader(r.S[0])
		ok := j.isoDate()
		us, set := j.instant()
		if !ok || !set || j.s != "" {
			return badArgument("Invalid format: \"%s\"", r.S[0])
		}
		r.Num = FloorDiv(us, dayMicros)
		return nil
	}},
	{"t_date_parse", "ss", Int, func(r *Row) error {
		us, err := dateParse(r.S[0], r.S[1])
		r.Num = us
		return err
	}},
	{"t_date_format", "is", Text, func(r *Row) error {
		s, err := DateFormat(time.UnixMicro(r.I[0]).UTC(), r.S[1])
		r.Str = s
		return err
	}},
	{"t_parse_datetime", "ss", Int, func(r *Row) error {
		us, _, err := jodaParse(r.S[0], r.S[1])
		r.Num = us
		return err
	}},
	{"t_format_datetime", "iss", Text, func(r *Row) error {
		s, err := jodaFormat(time.UnixMicro(r.I[0]).UTC(), r.S[1], r.S[2])
		r.Str = s
		return err
	}},
	{"t_zone_instant", "iis", Int, func(r *Row) error {
		loc, err := Zone(r.S[2])
		if err == nil {
			r.Num = jodaInstant(r.I[0], r.I[1], loc)
		}
		return err
	}},
	{"t_zone_offset", "is", Text, func(r *Row) error {
		loc, err := Zone(r.S[1])
		if err != nil {
			return err
		}
		_, off := time.UnixMicro(r.I[0]).In(loc).Zone()
		return r.setText(offsetText(off, ":"), true)
	}},
	{"t_interval_text", "ib", Text, func(r *Row) error {
		if r.B[1] {
			return r.setText(MonthsText(r.I[0]), true)
		}
		return r.setText(MillisText(r.I[0]), true)
	}},
	{"t_human_seconds", "f", Text, func(r *Row) error {
		if f := r.F[0]; math.IsNaN(f) || math.IsInf(f, 0) {
			return badArgument("Invalid argument found: %s", DoubleText(f))
		}
		return r.setText(humanSeconds(r.F[0]), true)
	}},
	{"t_parse_duration", "s", Int, func(r *Row) error {
		number, unit := numberAndUnit(strings.TrimSpace(r.S[0]))
		f, err := strconv.ParseFloat(number, 64)
		u, ok := durations[strings.TrimSpace(unit)]
		if err != nil || !ok || number[0] == '.' || strings.HasSuffix(number, ".") {
			return badArgument("duration is not a valid data duration string: %s", r.S[0])
		}
		r.Num = int64(f*u + 0.5)
		return nil
	}},
	{"t_parse_data_size", "s", Text, func(r *Row) error {
		number, unit := numberAndUnit(r.S[0])
		n, isNumber := new(big.Rat).SetString(number)
		shift, ok := sizes[unit]
		if !isNumber || !ok {
			return badArgument("Invalid data size: '%s'", r.S[0])
		}
		bytes := new(big.Int).Lsh(n.Num(), shift)
		if bytes.Quo(bytes, n.Denom()).Cmp(pow10(38)) >= 0 {
			return decimalOverflow()
		}
		return r.setText(bytes.String(), true)
	}},
}

// partsOfMicros finds a digit that a microsecond does not hold.
var partsOfMicros = regexp.MustCompile(`[.,]\d{6}\d*[1-9]`)

const dayMicros = 86_400_000_000

// FloorDiv divides by a positive number and rounds down.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

var zones sync.Map // name to *time.Location; bounded, since few names are zones

// zonesOfUTC are names of UTC.
var zonesOfUTC = []string{"UTC", "Z", "GMT", "UT", "UCT", "GMT0", "Greenwich", "Universal", "Zulu",
	"Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/GMT0", "Etc/Universal"}

// noZones are in the database of zones, and no zones to Java.
var noZones = []string{"", "EST", "MST", "HST", "ROC", "Factory", "Local", "posixrules", "localtime"}

// Zone finds a time zone by the names that Trino takes, letter by letter: UTC, a region, an offset,
// or an offset behind UTC, GMT or UT. Its own name is the one that Trino shows.
func Zone(name string) (*time.Location, error) {
	if slices.Contains(zonesOfUTC, name) {
		return time.UTC, nil
	}
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), nil
	}
	name = strings.Clone(name) // the location keeps it, and its memory is the database's
	l, ok := offsetZone(name)
	if !ok {
		bad := badArgument("'%s' is not a valid time zone", name)
		if slices.Contains(noZones, name) || strings.Contains(name, "..") || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
			return nil, bad
		}
		var err error
		if l, err = time.LoadLocation(name); err != nil {
			return nil, bad
		}
		if strings.HasPrefix(name, "Etc/GMT") {
			_, off := time.Time{}.In(l).Zone()
			l = fixedZone(off)
		}
	}
	zones.Store(name, l)
	return l, nil
}

// offsetZone reads the name of an offset, which Trino knows up to fourteen hours.
func offsetZone(name string) (*time.Location, bool) {
	for _, prefix := range []string{"UTC", "GMT", "UT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			name = rest
			break
		}
	}
	c := cursor{s: name}
	off, ok := c.offset()
	if !ok || c.s != "" || max(off, -off) > 14*3600 {
		return nil, false
	}
	return fixedZone(off), true
}

func fixedZone(off int) *time.Location {
	if off == 0 {
		return time.UTC
	}
	return time.FixedZone(offsetText(off, ":"), off)
}

// toUTC is the instant of a local time, moved on by the gap where clocks skip it.
func toUTC(local int64, loc *time.Location) int64 {
	at, _ := Instant(local, loc)
	return at
}

// Instant is the first moment at which the clocks of a zone show a time. Where they skip it that is
// as long behind the gap as the time is behind its start, and false.
func Instant(local int64, loc *time.Location) (int64, bool) {
	before := local - offsetAt(local-dayMicros, loc)
	if at := local - offsetAt(before, loc); at == before {
		return at, true
	}
	after := local - offsetAt(local+dayMicros, loc)
	if at := local - offsetAt(after, loc); at == after {
		return at, true
	}
	return before, false
}

// jodaInstant is an instant at which the clocks of a zone show a time, by the rules of Joda: one with
// the offset of another instant, where there is one.
func jodaInstant(local, like int64, loc *time.Location) int64 {
	off := offsetAt(like, loc)
	if offsetAt(local-off, loc) == off {
		return local - off
	}
	guess := offsetAt(local, loc)
	off = offsetAt(local-guess, loc)
	if guess < 0 && offsetAt(local-off, loc) != off {
		off = guess // clocks skip the time
	}
	return local - off
}

// offsetAt is the offset of a zone at an instant, in microseconds.
func offsetAt(at int64, loc *time.Location) int64 {
	_, off := time.UnixMicro(at).In(loc).Zone()
	return int64(off) * 1e6
}

// ParseDate reads a date as CAST does, in days since 1970-01-01.
func ParseDate(s string) (int64, error) {
	c := cursor{s: strings.TrimSpace(s)}
	d, ok := c.date(1)
	if !ok || c.s != "" {
		return 0, badCast("Value cannot be cast to date: %s", s)
	}
	return d, nil
}

// ParseTimestamp reads a date, with or without a time and a zone, as CAST does: local
// microseconds, and the zone, nil for none. A lenient one may have a T before the time
// and a Z or an offset directly behind it, as CloudTrail Lake takes it.
func ParseTimestamp(s string, lenient bool) (int64, *time.Location, error) {
	bad := badCast("Value cannot be cast to timestamp: %s", s)
	c := cursor{s: strings.TrimSpace(s)}
	d, ok := c.date(4)
	if !ok {
		return 0, nil, bad
	}
	us := d * dayMicros
	if c.s == "" {
		return us, nil, nil
	}
	if !c.take(' ') && !(lenient && (c.take('T') || c.take('t'))) {
		return 0, nil, bad
	}
	if lenient {
		c.s = strings.TrimLeft(c.s, " ")
	}
	zone := c.s
	if clock, ok := c.clock(); ok {
		us, zone = us+clock, c.s
	}
	if zone == "" {
		return us, nil, nil
	}
	loc, err := Zone(strings.TrimSpace(zone))
	if err != nil {
		return 0, nil, bad
	}
	return us, loc, nil
}

// cursor reads a text from its front.
type cursor struct{ s string }

func (c *cursor) take(b byte) bool {
	if c.s != "" && c.s[0] == b {
		c.s = c.s[1:]
		return true
	}
	return false
}

// number takes from least to most digits.
func (c *cursor) number(least, most int) (int64, bool) {
	n := 0
	v := int64(0)
	for n < len(c.s) && n < most && c.s[n] >= '0' && c.s[n] <= '9' {
		v = v*10 + int64(c.s[n]-'0')
		n++
	}
	if n < least {
		return 0, false
	}
	c.s = c.s[n:]
	return v, true
}

// date takes year-month-day with one or two digits of month and day, and at least so many of the year.
func (c *cursor) date(digits int) (int64, bool) {
	neg := c.take('-')
	if !neg {
		c.take('+')
	}
	y, ok1 := c.number(digits, 9)
	ok1 = ok1 && c.take('-')
	m, ok2 := c.number(1, 2)
	ok2 = ok2 && c.take('-')
	d, ok3 := c.number(1, 2)
	if neg {
		y = -y
	}
	if !ok1 || !ok2 || !ok3 || max(y, -y) > maxYear {
		return 0, false
	}
	return days(y, m, d)
}

// maxYear bounds years: a time of a later one is not in 64 bits of microseconds.
const maxYear = 290_000

// days is the day of a date, false when there is no such date.
func days(y, m, d int64) (int64, bool) {
	t := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || t.Month() != time.Month(m) || t.Day() != int(d) {
		return 0, false
	}
	return FloorDiv(t.Unix(), 86400), true
}

// clock takes hours and minutes, perhaps seconds with a fraction, as microseconds.
func (c *cursor) clock() (int64, bool) {
	h, ok := c.number(1, 2)
	if !ok || h > 23 || !c.take(':') {
		return 0, false
	}
	m, ok := c.number(1, 2)
	if !ok || m > 59 {
		return 0, false
	}
	us := (h*3600 + m*60) * 1e6
	if !c.take(':') {
		return us, true
	}
	s, ok := c.number(1, 2)
	if !ok || s > 59 {
		return 0, false
	}
	us += s * 1e6
	if c.take('.') {
		f, ok := c.fraction()
		if !ok {
			return 0, false
		}
		us += f
	}
	return us, true
}

// fraction takes the digits behind a point as microseconds, rounded.
func (c *cursor) fraction() (int64, bool) {
	rest := len(c.s)
	v, ok := c.number(1, 7)
	if !ok {
		return 0, false
	}
	for n := rest - len(c.s); n < 7; n++ {
		v *= 10
	}
	c.s = strings.TrimLeft(c.s, "0123456789")
	return (v + 5) / 10, true
}

// offset takes +h, +hh, +hhmm or +hh:mm as seconds.
func (c *cursor) offset() (int, bool) {
	sign := 1
	if c.take('-') {
		sign = -1
	} else if !c.take('+') {
		return 0, false
	}
	digits := len(c.s)
	h, ok := c.number(1, 2)
	if !ok {
		return 0, false
	}
	m := int64(0)
	if digits -= len(c.s); digits < 2 {
		return sign * int(h*3600), true
	}
	if colon := c.take(':'); colon || c.s != "" && c.s[0] >= '0' && c.s[0] <= '9' {
		if m, ok = c.number(2, 2); !ok || m > 59 {
			return 0, false
		}
	}
	return sign * int(h*3600+m*60), true
}

func offsetText(off int, colon string) string {
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	return fmt.Sprintf("%c%02d%s%02d", sign, off/3600, colon, off/60%60)
}

// MillisText writes an interval day to second as Trino does: 2 03:04:05.678.
func MillisText(ms int64) string {
	sign := ""
	u := uint64(ms)
	if ms < 0 {
		sign, u = "-", -u
	}
	return fmt.Sprintf("%s%d %02d:%02d:%02d.%03d", sign, u/86400000, u/3600000%24, u/60000%60, u/1000%60, u%1000)
}

// MonthsText writes an interval year to month as Trino does: 1-2.
func MonthsText(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d-%d", sign, n/12, n%12)
}

// humanSeconds writes rounded seconds in words, without their sign, as Trino does.
func humanSeconds(f float64) string {
	n := javaLong(math.Floor(math.Abs(f) + 0.5))
	if n == 0 {
		return "0 seconds"
	}
	var parts []string
	for _, u := range []struct {
		n    int64
		name string
	}{{604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if k := n / u.n; k > 0 {
			s := fmt.Sprintf("%d %s", k, u.name)
			if k > 1 {
				s += "s"
			}
			parts = append(parts, s)
			n %= u.n
		}
	}
	return strings.Join(parts, ", ")
}

// The units of parse_duration, in milliseconds, and of parse_data_size, in powers of two of bytes.
var (
	durations = map[string]float64{"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3, "m": 60e3, "h": 3600e3, "d": 86400e3}
	sizes     = map[string]uint{"B": 0, "kB": 10, "MB": 20, "GB": 30, "TB": 40, "PB": 50, "EB": 60, "ZB": 70, "YB": 80}
)

func numberAndUnit(s string) (number, unit string) {
	unit = strings.TrimLeft(s, "0123456789.")
	return s[:len(s)-len(unit)], unit
}
