package scalar

import (
	"strings"
	"time"
)

// isoDate reads a date of ISO 8601: 2020-05-06, 2020-05, 2020, 2020-W19-3, 2020-W19, 2020-127.
func (r *jodaReader) isoDate() bool {
	if !r.signed(year, 9) {
		return false
	}
	digits := 0
	for digits+1 < len(r.s) && r.s[digits+1] >= '0' && r.s[digits+1] <= '9' {
		digits++
	}
	switch {
	case len(r.s) > 1 && r.s[0] == '-' && (r.s[1] == 'W' || r.s[1] == 'w'):
		r.fields[len(r.fields)-1].field = weekYear
		r.s = r.s[2:]
		return r.digits(week, 2) && (!r.take('-') || r.digits(weekDay, 1))
	case digits == 0 || r.s[0] != '-':
		return true
	case digits > 2:
		return r.take('-') && r.digits(yearDay, 3)
	}
	return r.take('-') && r.digits(month, 2) && (!r.take('-') || r.digits(monthDay, 2))
}

// isoTime reads a time of ISO 8601, whose last part may have a fraction.
func (r *jodaReader) isoTime() bool {
	if !r.digits(hour, 2) {
		return false
	}
	unit := int64(3_600_000)
	if r.take(':') {
		if unit = 60_000; !r.digits(minute, 2) {
			return false
		}
		if r.take(':') {
			if unit = 1000; !r.digits(second, 2) {
				return false
			}
		}
	}
	if !r.take('.') && !r.take(',') {
		return true
	}
	if unit == 1000 {
		return r.fraction(9)
	}
	digits := len(r.s)
	v, ok := r.number(1, 9)
	v *= unit
	for digits -= len(r.s); digits > 0; digits-- {
		v /= 10
	}
	if unit == 3_600_000 {
		r.save(minute, v/60_000)
	}
	r.save(second, v/1000%60)
	r.save(milli, v%1000)
	return ok
}

// parseISO reads a timestamp of ISO 8601, in microseconds: what Joda reads, which are milliseconds,
// and those behind them; and its zone, nil for none: then it is UTC.
func parseISO(s string) (us, micros int64, zone *time.Location, err error) {
	r := newJodaReader(s)
	ok := strings.HasPrefix(s, "T") || r.isoDate()
	if ok && r.s != "" {
		ok = r.literal("T")
		if ok && r.s != "" && r.s[0] >= '0' && r.s[0] <= '9' {
			ok = r.isoTime()
		}
		ok = ok && (r.s == "" || r.zoneOffset())
	}
	us, set := r.instant()
	if !ok || !set || r.s != "" || s == "" {
		return 0, 0, nil, badArgument("Invalid format: \"%s\"", s)
	}
	return us, r.micros, r.zone, nil
}

// ParseISO reads a timestamp as from_iso8601_timestamp does, in UTC.
func ParseISO(s string) (time.Time, error) {
	us, _, _, err := parseISO(s)
	return time.UnixMicro(us).UTC(), err
}

// ZoneIn returns the zone that a text names, nil for none: a text of ISO 8601, or one of a pattern of
// Joda's.
func ZoneIn(s, pattern string) *time.Location {
	if pattern != "" {
		_, zone, _ := jodaParse(s, pattern)
		return zone
	}
	_, _, zone, _ := parseISO(s)
	return zone
}
