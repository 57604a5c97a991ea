package scalar

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DateFormat writes a time by a format of MySQL, as date_format does. The error is of a format
// that it does not take.
func DateFormat(t time.Time, format string) (string, error) {
	if format == "" || format == "%" {
		return "", errNoFormat
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		if i++; i == len(format) {
			break // Trino forgets the last sign
		}
		_, week := t.ISOWeek()
		year, _ := t.ISOWeek()
		switch c = format[i]; c {
		case 'a':
			b.WriteString(t.Format("Mon"))
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'c':
			b.WriteString(t.Format("1"))
		case 'd':
			b.WriteString(t.Format("02"))
		case 'e':
			b.WriteString(t.Format("2"))
		case 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case 'H':
			b.WriteString(t.Format("15"))
		case 'h', 'I':
			b.WriteString(t.Format("03"))
		case 'i':
			b.WriteString(t.Format("04"))
		case 'j':
			b.WriteString(t.Format("002"))
		case 'k':
			b.WriteString(strconv.Itoa(t.Hour()))
		case 'l':
			b.WriteString(t.Format("3"))
		case 'M':
			b.WriteString(t.Format("January"))
		case 'm':
			b.WriteString(t.Format("01"))
		case 'p':
			b.WriteString(t.Format("PM"))
		case 'r':
			b.WriteString(t.Format("03:04:05 PM"))
		case 'S', 's':
			b.WriteString(t.Format("05"))
		case 'T':
			b.WriteString(t.Format("15:04:05"))
		case 'v':
			fmt.Fprintf(&b, "%02d", week)
		case 'W':
			b.WriteString(t.Format("Monday"))
		case 'x':
			fmt.Fprintf(&b, "%04d", year)
		case 'Y':
			b.WriteString(t.Format("2006"))
		case 'y':
			b.WriteString(t.Format("06"))
		case 'D', 'U', 'u', 'V', 'w', 'X':
			return "", badArgument("%%%c not supported in date format string", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

var (
	months   = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	halfdays = []string{"AM", "PM"}
	eras     = []string{"BC", "AD"}
)

// dateParse reads a time by a format of MySQL.
func dateParse(s, format string) (int64, error) {
	if format == "" || format == "%" {
		return 0, errNoFormat
	}
	bad := func() (int64, error) { return 0, badArgument("Invalid format: \"%s\"", s) }
	r := newJodaReader(s)
	for i := 0; i < len(format); {
		c, n := utf8.DecodeRuneInString(format[i:])
		if c != '%' {
			if !r.literal(format[i : i+n]) {
				return bad()
			}
			i += n
			continue
		}
		if i++; i == len(format) {
			break
		}
		ok := true
		_, n = utf8.DecodeRuneInString(format[i:])
		switch f := format[i]; f {
		case 'a', 'W':
			ok = r.name(weekDay, weekdays, 1)
		case 'b', 'M':
			ok = r.name(month, months, 1)
		case 'c', 'm':
			ok = r.digits(month, 2)
		case 'd', 'e':
			ok = r.digits(monthDay, 2)
		case 'f':
			ok = r.fraction(9)
		case 'H', 'k':
			ok = r.digits(hour, 2)
		case 'h', 'I', 'l':
			ok = r.digits(clockHalfHour, 2)
		case 'i':
			ok = r.digits(minute, 2)
		case 'j':
			ok = r.digits(yearDay, 3)
		case 'p':
			ok = r.name(halfDay, halfdays, 0)
		case 'r':
			ok = r.digits(clockHalfHour, 2) && r.take(':') && r.digits(minute, 2) && r.take(':') && r.digits(second, 2) &&
				r.take(' ') && r.name(halfDay, halfdays, 0)
		case 'T':
			ok = r.digits(hour, 2) && r.take(':') && r.digits(minute, 2) && r.take(':') && r.digits(second, 2)
		case 's', 'S':
			ok = r.digits(second, 2)
		case 'v':
			ok = r.digits(week, 2)
		case 'x':
			ok = r.signed(weekYear, 4)
		case 'Y':
			ok = r.signed(year, 4)
		case 'y':
			ok = r.twoDigits(year, 1970, false)
		case 'D', 'U', 'u', 'V', 'w', 'X':
			return 0, badArgument("%%%c not supported in date format string", f)
		default:
			ok = r.literal(format[i : i+n])
		}
		if !ok {
			return bad()
		}
		i += n
	}
	us, ok := r.instant()
	if !ok || r.s != "" {
		return bad()
	}
	return us, nil
}

// errNoFormat is the error of a format that names nothing.
var errNoFormat = badArgument("Both printing and parsing not supported")

// token is a run of one letter in a pattern of Joda, or a literal text.
type token struct {
	letter byte
	n      int
	text   string
}

// jodaTokens splits a pattern of Joda's DateTimeFormat. Two quotes are one, inside of quoted text
// too, and text need not end.
func jodaTokens(pattern string) ([]token, error) {
	if pattern == "" {
		return nil, badArgument("Invalid pattern specification: Pattern is null or empty")
	}
	var out []token
	quoted := false
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case strings.HasPrefix(pattern[i:], "''"):
			out = append(out, token{text: "'"})
			i += 2
		case c == '\'':
			quoted = !quoted
			i++
		case !quoted && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'):
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			if strings.IndexByte("GCYxwWeEyDMdaKhHkmsSzZ", c) < 0 {
				return nil, badArgument("Illegal pattern component: %s", pattern[i:i+n])
			}
			out = append(out, token{letter: c, n: n})
			i += n
		default:
			_, n := utf8.DecodeRuneInString(pattern[i:])
			out = append(out, token{text: pattern[i : i+n]})
			i += n
		}
	}
	return out, nil
}

// jodaFormat writes an instant by the clocks of a zone, "" for a time that has none.
func jodaFormat(t time.Time, pattern, zoneName string) (string, error) {
	tokens, err := jodaTokens(pattern)
	if err != nil {
		return "", err
	}
	loc, err := Zone(cmp.Or(zoneName, "UTC"))
	if err != nil {
		return "", err
	}
	t = t.In(loc)
	var b strings.Builder
	weekYear, week := t.ISOWeek()
	num := func(v, width int) { fmt.Fprintf(&b, "%0*d", width, v) }
	for _, k := range tokens {
		switch k.letter {
		case 0:
			b.WriteString(k.text)
		case 'G':
			b.WriteString("AD")
		case 'C':
			num(t.Year()/100, k.n)
		case 'y', 'Y':
			if k.n == 2 {
				num(t.Year()%100, 2)
			} else {
				num(t.Year(), k.n)
			}
		case 'x':
			if k.n == 2 {
				num(weekYear%100, 2)
			} else {
				num(weekYear, k.n)
			}
		case 'w':
			num(week, k.n)
		case 'e':
			num((int(t.Weekday())+6)%7+1, k.n)
		case 'E':
			if k.n >= 4 {
				b.WriteString(t.Format("Monday"))
			} else {
				b.WriteString(t.Format("Mon"))
			}
		case 'D':
			num(t.YearDay(), k.n)
		case 'M':
			switch {
			case k.n >= 4:
				b.WriteString(t.Format("January"))
			case k.n == 3:
				b.WriteString(t.Format("Jan"))
			default:
				num(int(t.Month()), k.n)
			}
		case 'd':
			num(t.Day(), k.n)
		case 'a':
			b.WriteString(t.Format("PM"))
		case 'K':
			num(t.Hour()%12, k.n)
		case 'h':
			num((t.Hour()+11)%12+1, k.n)
		case 'H':
			num(t.Hour(), k.n)
		case 'k':
			num((t.Hour()+23)%24+1, k.n)
		case 'm':
			num(t.Minute(), k.n)
		case 's':
			num(t.Second(), k.n)
		case 'S':
			s := fmt.Sprintf("%09d", t.Nanosecond())
			b.WriteString((s + strings.Repeat("0", k.n))[:k.n])
		case 'z', 'Z':
			if zoneName == "" {
				return "", badArgument("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
			}
			name, off := t.Zone()
			switch {
			case k.letter == 'z' && k.n >= 4 && loc == time.UTC:
				b.WriteString("Coordinated Universal Time")
			case k.letter == 'z' && (signed(zoneName) || strings.HasPrefix(zoneName, "Etc/") && signed(name)):
				b.WriteString(offsetText(off, ":"))
			case k.letter == 'z' && k.n < 4 && signed(name):
				// The zone of a place has no letters, and Java says what the digits count from.
				b.WriteString("GMT" + offsetText(off, ":"))
			case k.letter == 'z' && k.n >= 4:
				return "", &Error{"NOT_SUPPORTED", "the full name of a time zone (zzzz) is not supported; write z or ZZZ"}
			case k.letter == 'z':
				b.WriteString(name)
			case k.n == 1:
				b.WriteString(offsetText(off, ""))
			case k.n == 2:
				b.WriteString(offsetText(off, ":"))
			default:
				b.WriteString(loc.String())
			}
		default:
			return "", badArgument("Illegal pattern component: %c", k.letter)
		}
	}
	return b.String(), nil
}

func signed(zone string) bool { return strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") }

// jodaParse reads a time and returns its instant, and its zone, nil for none: then it is UTC.
func jodaParse(s, pattern string) (int64, *time.Location, error) {
	tokens, err := jodaTokens(pattern)
	if err != nil {
		return 0, nil, err
	}
	r := newJodaReader(s)
	for i, k := range tokens {
		// A year takes no more digits than its own where a number follows it.
		number := i+1 < len(tokens) && numeric(tokens[i+1])
		ok := true
		switch k.letter {
		case 0:
			ok = r.literal(k.text)
		case 'G':
			ok = r.name(era, eras, 0)
		case 'C':
			ok = r.digits(century, k.n)
		case 'x', 'y', 'Y':
			f := year
			if k.letter == 'x' {
				f = weekYear
			} else if k.letter == 'Y' {
				f = yearOfEra
			}
			switch {
			case k.n == 2:
				ok = r.twoDigits(f, int64(time.Now().UTC().Year()-80), !number)
			case number:
				ok = r.signed(f, k.n)
			default:
				ok = r.signed(f, 9)
			}
		case 'w':
			ok = r.digits(week, max(2, k.n))
		case 'e':
			ok = r.digits(weekDay, max(1, k.n))
		case 'E':
			ok = r.name(weekDay, weekdays, 1)
		case 'D':
			ok = r.digits(yearDay, max(3, k.n))
		case 'M':
			if k.n >= 3 {
				ok = r.name(month, months, 1)
			} else {
				ok = r.digits(month, max(2, k.n))
			}
		case 'd':
			ok = r.digits(monthDay, max(2, k.n))
		case 'a':
			ok = r.name(halfDay, halfdays, 0)
		case 'H':
			ok = r.digits(hour, max(2, k.n))
		case 'h':
			ok = r.digits(clockHalfHour, max(2, k.n))
		case 'k':
			ok = r.digits(clockHour, max(2, k.n))
		case 'K':
			ok = r.digits(halfHour, max(2, k.n))
		case 'm':
			ok = r.digits(minute, max(2, k.n))
		case 's':
			ok = r.digits(second, max(2, k.n))
		case 'S':
			ok = r.fraction(k.n)
		case 'z':
			ok = k.n < 4 && r.zoneName(true)
		case 'Z':
			if k.n < 3 {
				ok = r.zoneOffset()
			} else {
				ok = r.zoneName(false)
			}
		default:
			ok = false
		}
		if !ok {
			return 0, nil, badPattern(s, pattern)
		}
	}
	us, ok := r.instant()
	if !ok || r.s != "" {
		return 0, nil, badPattern(s, pattern)
	}
	return us, r.zone, nil
}

func badPattern(s, pattern string) error {
	return badArgument("Invalid format: \"%s\" does not match \"%s\"", s, pattern)
}

// numeric says whether a token is written in digits.
func numeric(k token) bool {
	return k.letter == 'M' && k.n <= 2 || k.letter != 0 && strings.IndexByte("CxyYdhHmsSeDwkK", k.letter) >= 0
}
