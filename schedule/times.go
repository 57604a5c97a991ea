package schedule

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// parser reads the five fields of crontab(5), where a day matches that meets either of
// two restricted fields, and what Quartz adds for days: L, W and #. A date such as 29
// February may be eight years away.
var parser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow |
	cron.Descriptor | cron.Extended | cron.DowOrDom).WithMaxSearchYears(9)

// Times are the due times of a cron expression in a time zone.
type Times struct {
	spec *cron.SpecSchedule
	zone *time.Location
}

// ParseTimes reads a cron expression of five fields, or @hourly, @daily, @weekly, @monthly
// or @yearly, and the IANA name of a time zone; "" is UTC.
func ParseTimes(expression, zone string) (*Times, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || strings.EqualFold(zone, "local") {
		return nil, fmt.Errorf("time zone %q is not known; give a name such as Europe/Zagreb or UTC", zone)
	}
	if strings.Contains(expression, "TZ=") {
		return nil, fmt.Errorf("cron expression %q: give the time zone by itself", expression)
	}
	parsed, err := parser.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("cron expression %q: %s", expression, cronProblem(expression, err))
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("cron expression %q: an interval has no due times; give five fields, such as */15 * * * *", expression)
	}
	// The library's own walk through a time zone fires twice where a time comes twice. It
	// is given wall-clock time as if it were UTC, which has no such changes.
	spec.Location = time.UTC
	t := &Times{spec, loc}
	if t.Next(time.Unix(0, 0)).IsZero() {
		return nil, fmt.Errorf("cron expression %q: there is no such day", expression)
	}
	return t, nil
}

// fields are the fields of a cron expression and what may be in them.
var fields = [...]struct{ name, values string }{
	{"minute", "0 to 59"},
	{"hour", "0 to 23"},
	{"day of month", "1 to 31, or L for the last"},
	{"month", "1 to 12, or JAN to DEC"},
	{"day of week", "0 to 6 (7 is Sunday, too), or SUN to SAT"},
}

// cronProblem names the field of a cron expression that is wrong, and what may be in it. err
// is the parser's, which names only the text.
func cronProblem(expression string, err error) string {
	texts := strings.Fields(expression)
	if len(texts) == len(fields) {
		for i, f := range fields {
			alone := []string{"*", "*", "*", "*", "*"}
			alone[i] = texts[i]
			_, err := parser.Parse(strings.Join(alone, " "))
			if err == nil {
				continue
			}
			var number *strconv.NumError
			if errors.As(err, &number) { // which speaks of Go
				return fmt.Sprintf("%s %q: give %s", f.name, texts[i], f.values)
			}
			return fmt.Sprintf("%s %q: %v; give %s", f.name, texts[i], err, f.values)
		}
	}
	return fmt.Sprintf("%v; it has five fields: minute, hour, day of month, month, day of week", err)
}

// Next returns the first due time after a time, in UTC; zero when there is none.
func (t *Times) Next(after time.Time) time.Time {
	// The moments of wall-clock times are in the order of these, and no wall-clock time up
	// to that of after is later than after.
	for wall := t.wall(after); ; {
		wall = t.spec.Next(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		if at := t.moment(wall); at.After(after) {
			return at
		}
	}
}

// Local returns a time with the date and the clock of the time zone, and UTC as its zone:
// what a period such as last-month is relative to.
func (t *Times) Local(at time.Time) time.Time { return t.wall(at) }

// Zone returns the time zone.
func (t *Times) Zone() *time.Location { return t.zone }

func (t *Times) wall(at time.Time) time.Time {
	at = at.In(t.zone)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}

// moment returns when the clocks of the zone first show a wall-clock time, or when they
// skip it.
func (t *Times) moment(wall time.Time) time.Time {
	// Which of two offsets time.Date takes near a change of the clock is not promised.
	guess := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, t.zone)
	start, end := guess.ZoneBounds()
	if !start.IsZero() {
		_, offset := start.Add(-1).Zone()
		if first := wall.Add(-time.Duration(offset) * time.Second); first.Before(start) {
			return first.UTC()
		}
	}
	switch shown := t.wall(guess); {
	case shown.Equal(wall):
		return guess.UTC()
	case shown.Before(wall):
		return end.UTC()
	default:
		return start.UTC()
	}
}
