package command

import (
	"testing"
	"time"

	"traillake/engine"
)

func TestResultSummary(t *testing.T) {
	for want, s := range map[string]engine.Stats{
		"1 row in 5ms": {Rows: 1, Elapsed: 5 * time.Millisecond},
		"1,000 rows in 1.5s (2 of 3 data files opened)":                      {Rows: 1000, Elapsed: 1500 * time.Millisecond, FilesTotal: 3, FilesRead: 2},
		"3 rows in 5ms (kept result of a moment ago; --fresh asks again)":    {Rows: 3, Elapsed: 5 * time.Millisecond, FilesTotal: 3, Kept: time.Now().Add(-10 * time.Millisecond)},
		"2 rows in 5ms (kept result of 3 minutes ago; --fresh asks again)":   {Rows: 2, Elapsed: 5 * time.Millisecond, FilesTotal: 3, Kept: time.Now().Add(-200 * time.Second)},
		"2 rows in 5ms (kept result of 119 minutes ago; --fresh asks again)": {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-2*time.Hour + time.Minute)},
		"2 rows in 5ms (kept result of 47 hours ago; --fresh asks again)":    {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-48*time.Hour + time.Minute)},
		"2 rows in 5ms (kept result of 2 days ago; --fresh asks again)":      {Rows: 2, Elapsed: 5 * time.Millisecond, Kept: time.Now().Add(-70 * time.Hour)},
		"2 rows in 6ms (kept result of a moment ago; --fresh asks again)":    {Rows: 2, Elapsed: 6 * time.Millisecond, Kept: time.Now().Add(time.Hour)},
	} {
		if got := resultSummary(s, "--fresh"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
