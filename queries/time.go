package queries

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// timeLayouts are the spellings of a time, the blank between date and time
// already replaced. Go's parser takes a fraction of seconds with each of them.
var timeLayouts = []string{
	"2006-01-02",
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
}

var (
	timeExpr = regexp.MustCompile(`^(now|today|yesterday|start of [a-z]+)((?: ?[+-] ?\d{1,9} ?[a-z]+)*)$`)
	timeStep = regexp.MustCompile(`([+-]) ?(\d{1,9}) ?([a-z]+)`)
	bigM     = regexp.MustCompile(`\d ?M\b`)
	timeAgo  = regexp.MustCompile(`^(\d{1,9} ?[a-z]+)(?: ago)?$`)
)

// parseTime reads a time or an expression of time. The result is in UTC and
// truncated to milliseconds, the precision of eventTime.
func parseTime(text string, now time.Time) (time.Time, error) {
	if at, ok := parseAbsolute(text); ok {
		return checkYear(text, at)
	}
	if bigM.MatchString(text) {
		return time.Time{}, fmt.Errorf("%q may mean minutes or months; write m or min, or months", text)
	}
	words := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if m := timeAgo.FindStringSubmatch(words); m != nil {
		words = "now - " + m[1]
	}
	m := timeExpr.FindStringSubmatch(words)
	if m == nil {
		return time.Time{}, fmt.Errorf("%q is no time", text)
	}
	at, err := startOf(m[1], now.UTC())
	if err != nil {
		return time.Time{}, err
	}
	for _, step := range timeStep.FindAllStringSubmatch(m[2], -1) {
		n, err := strconv.Atoi(step[2])
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is no time: %w", text, err)
		}
		if step[1] == "-" {
			n = -n
		}
		if at, err = shift(at, n, step[3]); err != nil {
			return time.Time{}, err
		}
	}
	return checkYear(text, at)
}

func parseAbsolute(text string) (time.Time, bool) {
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// checkYear keeps years to the four digits that a literal has.
func checkYear(text string, at time.Time) (time.Time, error) {
	if at.Year() < 1 || at.Year() > 9999 {
		return time.Time{}, fmt.Errorf("%q is outside the years 1 to 9999", text)
	}
	return at.Truncate(time.Millisecond), nil
}

func startOf(base string, now time.Time) (time.Time, error) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch unit := strings.TrimPrefix(base, "start of "); unit {
	case "now":
		return now, nil
	case "today", "day":
		return day, nil
	case "yesterday":
		return day.AddDate(0, 0, -1), nil
	case "hour":
		return day.Add(time.Duration(now.Hour()) * time.Hour), nil
	case "week": // Monday, as date_trunc has it
		return day.AddDate(0, 0, -(int(now.Weekday())+6)%7), nil
	case "month":
		return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC), nil
	case "year":
		return time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC), nil
	default:
		return time.Time{}, fmt.Errorf("no start of %q; there is hour, day, week, month, year", unit)
	}
}

func shift(at time.Time, n int, unit string) (time.Time, error) {
	if len(unit) > 2 {
		unit = strings.TrimSuffix(unit, "s")
	}
	switch unit {
	case "second", "s":
		return addSeconds(at, n, 1), nil
	case "minute", "min", "m":
		return addSeconds(at, n, 60), nil
	case "hour", "h":
		return addSeconds(at, n, 3600), nil
	case "day", "d":
		return at.AddDate(0, 0, n), nil
	case "week", "w":
		return at.AddDate(0, 0, 7*n), nil
	case "month":
		return addMonths(at, n), nil
	case "year", "y":
		return addMonths(at, 12*n), nil
	default:
		return time.Time{}, fmt.Errorf("no unit of time %q; there is second, minute, hour, day, week, month, year", unit)
	}
}

// addSeconds avoids time.Duration, which ends after 292 years.
func addSeconds(at time.Time, n, seconds int) time.Time {
	return time.Unix(at.Unix()+int64(n)*int64(seconds), int64(at.Nanosecond())).UTC()
}

// addMonths keeps to the month's last day where SQL does: a month after
// January 31 is the last day of February.
func addMonths(at time.Time, n int) time.Time {
	moved := at.AddDate(0, n, 0)
	if moved.Day() != at.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}
