package report

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var quarter = regexp.MustCompile(`^(\d{4})-[qQ]([1-4])$`)

// ParsePeriod reads a period of whole days in a time zone; nil means UTC:
//
//	2026  2026-Q4  2026-10  2026-10-31        a year, quarter, month, day
//	2026-10-01..2026-10-31                    both of these and all between
//	2026-10-01/2026-11-01                     from where the first begins to where the second does
//	today  yesterday
//	this-week  last-week                      from Monday on
//	this-month  last-month  this-quarter  last-quarter  this-year  last-year
//
// Either side of a slash may also be a time, as 2026-10-01T06:00:00Z. now says when "last"
// is. "this" ends with the unit, also when that lies ahead. A day of the zone may have 23
// or 25 hours.
func ParsePeriod(text string, now time.Time, zone *time.Location) (Period, error) {
	if zone == nil {
		zone = time.UTC
	}
	now = now.In(zone)
	p, err := parsePeriod(text, now)
	if err != nil {
		return Period{}, err
	}
	if !p.Since.Before(p.Until) {
		return Period{}, fmt.Errorf("period %s: it ends before it begins", text)
	}
	p.Since, p.Until = p.Since.UTC(), p.Until.UTC()
	if p.Since.Year() < 2 || p.Until.Year() > 9999 {
		return Period{}, fmt.Errorf("period %s: it begins before the year 2, or ends after 9999", text)
	}
	if zone != time.UTC {
		p.Zone = zone.String()
	}
	return p, nil
}

// parsePeriod reads a period whose ends are in the zone of now.
func parsePeriod(text string, now time.Time) (Period, error) {
	if from, to, ok := strings.Cut(text, ".."); ok {
		first, err := parseSpan(from, now)
		if err != nil {
			return Period{}, err
		}
		last, err := parseSpan(to, now)
		return Period{Since: first.Since, Until: last.Until}, err
	}
	if from, to, ok := strings.Cut(text, "/"); ok {
		since, err := parseMoment(from, now)
		if err != nil {
			return Period{}, err
		}
		until, err := parseMoment(to, now)
		return Period{Since: since, Until: until}, err
	}
	return parseSpan(text, now)
}

// parseMoment reads a time, or returns when a span begins.
func parseMoment(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	p, err := parseSpan(text, now)
	return p.Since, err
}

func parseSpan(text string, now time.Time) (Period, error) {
	zone := now.Location()
	for _, unit := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {"2006-01-02", 0, 0, 1}} {
		if at, err := time.Parse(unit.layout, text); err == nil {
			return span(at, zone, unit.years, unit.months, unit.days), nil
		}
	}
	if m := quarter.FindStringSubmatch(text); m != nil {
		if year, err := time.Parse("2006", m[1]); err == nil {
			return span(year.AddDate(0, 3*int(m[2][0]-'1'), 0), zone, 0, 3, 0), nil
		}
	}
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	month := day.AddDate(0, 0, 1-day.Day())
	back, unit := 0, ""
	if text == "today" || text == "yesterday" {
		unit = text
	} else if rest, ok := strings.CutPrefix(text, "last-"); ok && !strings.HasSuffix(rest, "day") {
		back, unit = 1, rest
	} else if rest, ok := strings.CutPrefix(text, "this-"); ok && !strings.HasSuffix(rest, "day") {
		unit = rest
	}
	switch unit {
	case "today":
		return span(day, zone, 0, 0, 1), nil
	case "yesterday":
		return span(day.AddDate(0, 0, -1), zone, 0, 0, 1), nil
	case "week":
		return span(day.AddDate(0, 0, -(int(day.Weekday())+6)%7-7*back), zone, 0, 0, 7), nil
	case "month":
		return span(month.AddDate(0, -back, 0), zone, 0, 1, 0), nil
	case "quarter":
		return span(month.AddDate(0, -(int(month.Month())-1)%3-3*back, 0), zone, 0, 3, 0), nil
	case "year":
		return span(month.AddDate(-back, 1-int(month.Month()), 0), zone, 1, 0, 0), nil
	}
	return Period{}, fmt.Errorf("%q is no period; give last-month, last-week, yesterday, 2026-10, 2026-10-31 or 2026-10-01..2026-10-31", text)
}

// span returns the whole days of a zone from the day of at on, which is in UTC so that
// days can be counted.
func span(at time.Time, zone *time.Location, years, months, days int) Period {
	return Period{Since: dayBegin(at, zone), Until: dayBegin(at.AddDate(years, months, days), zone)}
}

// dayBegin returns when a day begins in a zone: at midnight, or when the clocks leap over
// it, at the first moment that is that day's.
func dayBegin(day time.Time, zone *time.Location) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
	if at.Day() != day.Day() { // midnight does not exist; Date gave the time before the leap
		_, end := at.ZoneBounds()
		return end
	}
	return at
}
