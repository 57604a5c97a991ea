package command

import (
	"fmt"
	"time"

	"traillake/queries"
)

// parseWhen reads a point in time: a day, a time, 7d for seven days ago, or an
// expression that parameters of saved queries take.
func parseWhen(text string, now time.Time) (time.Time, error) {
	v, err := queries.ParseValue(queries.TypeTimestamp, text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time; give a day (2023-07-10), a time (2023-07-10T12:00:00Z) or how long ago (7d, 12h)", text)
	}
	return v.Data.(time.Time), nil
}
