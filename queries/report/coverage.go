package report

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
)

// coverageSQL counts the events of the period by day and category.
const coverageSQL = `SELECT date(eventTime) AS event_day, eventCategory AS category, count(*) AS events,
  min(eventTime) AS first_event, max(eventTime) AS last_event
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY 1, 2
ORDER BY 1, 2`

// coverage reads the rows of coverageSQL, and the snapshot that they come from.
func (r *run) coverage(ctx context.Context, rows *engine.Result) error {
	for _, p := range rows.Stats().Pins {
		r.report.Store = Store{Name: p.Store, ID: p.StoreID, Snapshot: p.Snapshot, Version: p.Version, Committed: p.Committed.UTC()}
	}
	c := &r.report.Coverage
	c.Categories, c.Days, c.DaysWithout = map[string]int64{}, []Day{}, []string{}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		days, categories, counts := batch.Column(0).(*array.Date32), batch.Column(1).(*array.String), batch.Column(2).(*array.Int64)
		for i := range int(batch.NumRows()) {
			n := counts.Value(i)
			c.Events += n
			c.Categories[strings.Clone(categories.Value(i))] += n
			day := days.Value(i).ToTime().Format(time.DateOnly)
			if k := len(c.Days) - 1; k >= 0 && c.Days[k].Day == day {
				c.Days[k].Events += n
			} else {
				c.Days = append(c.Days, Day{day, n})
			}
			if at := timeAt(batch.Column(3), i); c.First.IsZero() || at.Before(c.First) {
				c.First = at
			}
			if at := timeAt(batch.Column(4), i); at.After(c.Last) {
				c.Last = at
			}
		}
		batch.Release()
	}
	have := map[string]bool{}
	for _, d := range c.Days {
		have[d.Day] = true
	}
	// What was not over when the snapshot was made cannot be complete.
	until := r.Period.Until.UTC()
	if at := r.report.Store.Committed; at.Before(until) {
		until = at
	}
	for day := r.Period.Since.UTC().Truncate(24 * time.Hour); day.Before(until); day = day.AddDate(0, 0, 1) {
		if text := day.Format(time.DateOnly); !have[text] {
			c.DaysWithout = append(c.DaysWithout, text)
		}
	}
	return nil
}

func timeAt(a arrow.Array, i int) time.Time {
	t, ok := a.(*array.Timestamp)
	if !ok || t.IsNull(i) {
		return time.Time{}
	}
	return t.Value(i).ToTime(t.DataType().(*arrow.TimestampType).Unit).UTC()
}
