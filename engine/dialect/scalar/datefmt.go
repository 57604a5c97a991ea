package scalar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DateFormat writes a time by a format of MySQL, as date_format does. The error is of a format
// that it does not take.
func DateFormat(t time.Time, format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' || i+1 == len(format) {
			b.WriteByte(c)
			continue
		}
		i++
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

// parts are the fields of a time as they are read.
type parts struct {
	year, month, day, hour, minute, second, micros int64
	weekYear, week, weekDay, yearDay               int64
	half                                           int // 1 AM, 2 PM
	zone                                           *time.Location
}

func newParts() parts { return parts{year: 1970, month: 1, day: 1} }

// micros is the local time of the parts, or its instant where they have a zone.
func (p *parts) value() (int64, bool) {
	if p.half == 1 && p.hour == 12 {
		p.hour = 0
	} else if p.half == 2 && p.hour < 12 {
		p.hour += 12
	}
	if p.hour > 23 || p.minute > 59 || p.second > 59 {
		return 0, false
	}
	d, ok := days(p.year, p.month, p.day)
	if p.yearDay > 0 {
		d, ok = days(p.year, 1, 1)
		d += p.yearDay - 1
	}
	if p.week > 0 {
		y := p.weekYear
		if y == 0 {
			y = p.year
		}
		jan4, _ := days(y, 1, 4)
		d = jan4 - (jan4+3)%7 + (p.week-1)*7 + max(p.weekDay, 1) - 1
		ok = true
	}
	if !ok {
		return 0, false
	}
	us := d*dayMicros + (p.hour*3600+p.minute*60+p.second)*1e6 + p.micros
	if p.zone != nil {
		us = toUTC(us, p.zone)
	}
	return us, true
}

var (
	months   = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
)

// name takes one of the names, in full or its first three letters, in any case.
func (c *cursor) name(names []string) (int64, bool) {
	for i, n := range names {
		for _, form := range []string{n, n[:3]} {
			if len(c.s) >= len(form) && strings.EqualFold(c.s[:len(form)], form) {
				c.s = c.s[len(form):]
				return int64(i) + 1, true
			}
		}
	}
	return 0, false
}

// dateParse reads a time by a format of MySQL. What the format lacks is that of
// 1970-01-01 00:00:00.
func dateParse(s, format string) (int64, error) {
	bad := badArgument("Invalid format: \"%s\"", s)
	c := cursor{s: s}
	p := newParts()
	for i := 0; i < len(format); i++ {
		f := format[i]
		if f != '%' || i+1 == len(format) {
			if !c.take(f) {
				return 0, bad
			}
			continue
		}
		i++
		ok := true
		switch f = format[i]; f {
		case 'a', 'W':
			_, ok = c.name(weekdays)
		case 'b', 'M':
			p.month, ok = c.name(months)
		case 'c', 'm':
			p.month, ok = c.number(1, 2)
		case 'd', 'e':
			p.day, ok = c.number(1, 2)
		case 'f':
			before := len(c.s)
			if p.micros, ok = c.number(1, 9); ok {
				for n := before - len(c.s); n < 6; n++ {
					p.micros *= 10
				}
				for n := before - len(c.s); n > 6; n-- {
					p.micros /= 10
				}
			}
		case 'H', 'k', 'h', 'I', 'l':
			p.hour, ok = c.number(1, 2)
			if f == 'h' || f == 'I' || f == 'l' {
				ok = ok && p.hour >= 1 && p.hour <= 12
				if p.hour == 12 && p.half == 0 {
					p.half = 1
				}
			}
		case 'i':
			p.minute, ok = c.number(1, 2)
		case 'j':
			p.yearDay, ok = c.number(1, 3)
		case 'p':
			p.half, ok = c.ampm()
		case 'r', 'T':
			p.hour, ok = c.number(1, 2)
			ok = ok && c.take(':')
			if ok {
				p.minute, ok = c.number(1, 2)
			}
			ok = ok && c.take(':')
			if ok {
				p.second, ok = c.number(1, 2)
			}
			if f == 'r' && ok {
				c.take(' ')
				p.half, ok = c.ampm()
			}
		case 's', 'S':
			p.second, ok = c.number(1, 2)
		case 'v':
			p.week, ok = c.number(1, 2)
		case 'x':
			p.weekYear, ok = c.number(4, 4)
		case 'Y':
			p.year, ok = c.number(1, 4)
		case 'y':
			p.year, ok = c.number(2, 2)
			if p.year < 70 {
				p.year += 2000
			} else {
				p.year += 1900
			}
		case 'D', 'U', 'u', 'V', 'w', 'X':
			return 0, badArgument("%%%c not supported in date format string", f)
		default:
			ok = c.take(f)
		}
		if !ok {
			return 0, bad
		}
	}
	us, ok := p.value()
	if !ok || c.s != "" {
		return 0, bad
	}
	return floorDiv(us, 1000) * 1000, nil
}

func (c *cursor) ampm() (int, bool) {
	if len(c.s) >= 2 {
		half := strings.ToUpper(c.s[:2])
		c.s = c.s[2:]
		switch half {
		case "AM":
			return 1, true
		case "PM":
			return 2, true
		}
	}
	return 0, false
}

// token is a run of one letter in a pattern of Joda, or a literal text.
type token struct {
	letter byte
	n      int
	text   string
}

// jodaTokens splits a pattern of Joda's DateTimeFormat. Two quotes are one, inside of quoted text
// too, and text need not end.
func jodaTokens(pattern string) ([]token, error) {
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

// jodaFormat writes a local time of a zone.
func jodaFormat(t time.Time, pattern, zoneName string) (string, error) {
	tokens, err := jodaTokens(pattern)
	if err != nil {
		return "", err
	}
	loc, err := Zone(zoneName)
	if err != nil {
		return "", err
	}
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
			in := time.UnixMicro(toUTC(t.UnixMicro(), loc)).In(loc)
			name, off := in.Zone()
			switch {
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

// jodaParse reads a time and returns its instant; without a zone it is UTC.
func jodaParse(s, pattern string) (int64, error) {
	tokens, err := jodaTokens(pattern)
	if err != nil {
		return 0, err
	}
	bad := badArgument("Invalid format: \"%s\" does not match \"%s\"", s, pattern)
	c := cursor{s: s}
	p := newParts()
	for i, k := range tokens {
		// A number takes no more digits than its own where another follows it.
		most := 9
		if i+1 < len(tokens) && tokens[i+1].letter != 0 && strings.IndexByte("aEzZG", tokens[i+1].letter) < 0 {
			most = k.n
		}
		ok := true
		switch k.letter {
		case 0:
			if ok = strings.HasPrefix(c.s, k.text); ok {
				c.s = c.s[len(k.text):]
			}
		case 'y', 'Y':
			before := len(c.s)
			neg := c.take('-')
			p.year, ok = c.number(1, most)
			if k.n == 2 && before-len(c.s) == 2 {
				if p.year += 2000; p.year > 2049 {
					p.year -= 100
				}
			}
			if neg {
				p.year = -p.year
			}
		case 'x':
			p.weekYear, ok = c.number(1, most)
		case 'w':
			p.week, ok = c.number(1, min(most, 2))
		case 'e':
			p.weekDay, ok = c.number(1, 1)
		case 'E':
			_, ok = c.name(weekdays)
		case 'D':
			p.yearDay, ok = c.number(1, min(most, 3))
		case 'M':
			if k.n >= 3 {
				p.month, ok = c.name(months)
			} else {
				p.month, ok = c.number(1, min(most, 2))
			}
		case 'd':
			p.day, ok = c.number(1, min(most, 2))
		case 'a':
			p.half, ok = c.ampm()
		case 'H', 'h', 'k', 'K':
			p.hour, ok = c.number(1, min(most, 2))
			if k.letter == 'k' {
				p.hour %= 24
			}
		case 'm':
			p.minute, ok = c.number(1, min(most, 2))
		case 's':
			p.second, ok = c.number(1, min(most, 2))
		case 'S':
			before := len(c.s)
			if p.micros, ok = c.number(1, max(k.n, 1)); ok {
				for n := before - len(c.s); n < 6; n++ {
					p.micros *= 10
				}
				for n := before - len(c.s); n > 6; n-- {
					p.micros /= 10
				}
			}
		case 'z', 'Z':
			end := 0
			for end < len(c.s) && (unicode.IsLetter(rune(c.s[end])) || strings.IndexByte("/_+-:0123456789", c.s[end]) >= 0) {
				end++
			}
			if p.zone, err = Zone(c.s[:end]); err != nil || end == 0 {
				return 0, bad
			}
			c.s = c.s[end:]
		default:
			ok = false
		}
		if !ok {
			return 0, bad
		}
	}
	us, ok := p.value()
	if !ok || c.s != "" {
		return 0, bad
	}
	return floorDiv(us, 1000) * 1000, nil
}
