package dialect

import (
	"strconv"
	"strings"
	"time"

	"traillake/engine/dialect/scalar"
)

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// parseTimestamp reads the text of a timestamp literal: a date, perhaps a time behind a
// blank or a T, perhaps a zone. The digits of the fraction are the precision; those
// behind the sixth are rounded. Where CloudTrail Lake's consoles write times they end
// in Z, which is a zone.
func parseTimestamp(s string) (*Literal, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 {
		return nil, false
	}
	date, rest := s, ""
	if i := strings.IndexAny(s, " T"); i >= 0 {
		date, rest = s[:i], strings.TrimLeft(s[i+1:], " ")
		if s[i] == 'T' && rest == "" {
			return nil, false
		}
	}
	day, ok := parseDate(date)
	if !ok {
		return nil, false
	}
	clock, zone := rest, ""
	if i := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789:.", r) }); i >= 0 {
		clock, zone = rest[:i], strings.TrimSpace(rest[i:])
	}
	micros, precision := int64(0), 0
	if clock != "" {
		if micros, precision, ok = parseClock(clock); !ok {
			return nil, false
		}
	}
	at := day*microsPerDay + micros
	if zone == "" {
		return &Literal{Typ: Timestamp(precision), Value: at}, true
	}
	loc, err := scalar.Zone(zone)
	if err != nil {
		return nil, false
	}
	instant, ok := scalar.Instant(at, loc)
	return &Literal{Typ: TimestampTZ(precision).InZone(zoneName(loc)), Value: instant}, ok
}

// zoneName is the name of a zone in types, where "" is UTC.
func zoneName(loc *time.Location) string {
	if loc == time.UTC {
		return ""
	}
	return loc.String()
}

// parseDate reads [-]yyyy-m-d and returns the days since 1970.
func parseDate(s string) (int64, bool) {
	sign := 1
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) < 4 || len(parts[0]) > 5 {
		return 0, false
	}
	var n [3]int
	for i, p := range parts {
		v, ok := digits(p)
		if !ok || i > 0 && len(p) > 2 {
			return 0, false
		}
		n[i] = v
	}
	t := time.Date(sign*n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if int(t.Month()) != n[1] || t.Day() != n[2] {
		return 0, false
	}
	return t.Unix() / 86400, true
}

func digits(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.Atoi(s)
	return v, err == nil
}

// parseClock reads h:m[:s[.fraction]].
func parseClock(s string) (micros int64, precision int, ok bool) {
	body, frac, point := strings.Cut(s, ".")
	parts := strings.Split(body, ":")
	if len(parts) < 2 || len(parts) > 3 || point && len(parts) < 3 {
		return 0, 0, false
	}
	most := [3]int{23, 59, 59}
	unit := [3]int64{3600, 60, 1}
	for i, p := range parts {
		v, ok := digits(p)
		if !ok || len(p) > 2 || v > most[i] {
			return 0, 0, false
		}
		micros += int64(v) * unit[i] * microsPerSecond
	}
	if !point {
		return micros, 0, true
	}
	if frac == "" || len(frac) > 12 || strings.Trim(frac, "0123456789") != "" {
		return 0, 0, false
	}
	f, err := strconv.ParseInt((frac + "0000000")[:7], 10, 64)
	return micros + (f+5)/10, len(frac), err == nil
}

// parseTime reads the text of a time literal, nil for what is none.
func parseTime(s string) *Literal {
	micros, precision, ok := parseClock(s)
	if !ok {
		return nil
	}
	return &Literal{Typ: Time(precision), Value: micros % microsPerDay}
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
