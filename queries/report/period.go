package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var quarter = regexp.MustCompile(`^(\d{4})-[qQ]([1-4])$`)

// ParsePeriod reads a period of whole days in UTC:
//
//	2026  2026-Q4  2026-10  2026-10-31        a year, quarter, month, day
//	2026-10-01..2026-10-31                    both of these and all between
//	today  yesterday
//	this-week  last-week                      from Monday on
//	this-month  last-month  this-quarter  last-quarter  this-year  last-year
//
// now says when "last" is. "this" ends with the unit, also when that lies ahead.
func ParsePeriod(text string, now time.Time) (Period, error) {
	if from, to, ok := strings.Cut(text, ".."); ok {
		first, err := parseSpan(from, now)
		if err != nil {
			return Period{}, err
		}
		last, err := parseSpan(to, now)
		if err != nil {
			return Period{}, err
		}
		if last.Until.Before(first.Since) {
			return Period{}, fmt.Errorf("period %s: it ends before it begins", text)
		}
		return Period{first.Since, last.Until}, nil
	}
	return parseSpan(text, now)
}

func parseSpan(text string, now time.Time) (Period, error) {
	for _, unit := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {"2006-01-02", 0, 0, 1}} {
		if at, err := time.Parse(unit.layout, text); err == nil {
			return Period{at, at.AddDate(unit.years, unit.months, unit.days)}, nil
		}
	}
	if m := quarter.FindStringSubmatch(text); m != nil {
		if year, err := time.Parse("2006", m[1]); err == nil {
			n, err := strconv.Atoi(m[2])
			if err == nil {
				at := year.AddDate(0, 3*(n-1), 0)
				return Period{at, at.AddDate(0, 3, 0)}, nil
			}
		}
	}
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	month := day.AddDate(0, 0, 1-day.Day())
	span := func(at time.Time, years, months, days int) (Period, error) {
		return Period{at, at.AddDate(years, months, days)}, nil
	}
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
		return span(day, 0, 0, 1)
	case "yesterday":
		return span(day.AddDate(0, 0, -1), 0, 0, 1)
	case "week":
		return span(day.AddDate(0, 0, -(int(day.Weekday())+6)%7-7*back), 0, 0, 7)
	case "month":
		return span(month.AddDate(0, -back, 0), 0, 1, 0)
	case "quarter":
		return span(month.AddDate(0, -(int(month.Month())-1)%3-3*back, 0), 0, 3, 0)
	case "year":
		return span(time.Date(now.Year()-back, 1, 1, 0, 0, 0, 0, time.UTC), 1, 0, 0)
	}
	return Period{}, fmt.Errorf("%q is no period; give last-month, last-week, yesterday, 2026-10, 2026-10-31 or 2026-10-01..2026-10-31", text)
}
