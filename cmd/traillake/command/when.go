package command

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"traillake/queries"
)

// ago matches a time that lies so many minutes, hours, days or weeks back.
var ago = regexp.MustCompile(`^(\d{1,6})([mhdw])$`)

// parseWhen reads a point in time: a day, a time, 7d for seven days ago, or an
// expression that parameters of saved queries take.
func parseWhen(text string, now time.Time) (time.Time, error) {
	if m := ago.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return time.Time{}, fmt.Errorf("%q: %w", text, err)
		}
		unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
		// 999999 weeks is more than a Duration holds.
		if time.Duration(n) > (1<<63-1)/unit {
			return time.Time{}, fmt.Errorf("%q lies too far back", text)
		}
		return now.UTC().Add(-time.Duration(n) * unit), nil
	}
	v, err := queries.ParseValue(queries.TypeTimestamp, text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time; give a day (2023-07-10), a time (2023-07-10T12:00:00Z) or how long ago (7d, 12h)", text)
	}
	return v.Data.(time.Time), nil
}
