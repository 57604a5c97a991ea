package report

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/queries/coverage"
)

// coverageSQL counts the events of the period by day, place and category, and by the day of the
// period's zone.
func coverageSQL(zone string) string {
	local := "date(eventTime)"
	if zone != "" {
		local = "date(at_timezone(with_timezone(eventTime, 'UTC'), '" + strings.ReplaceAll(zone, "'", "''") + "'))"
	}
	return `SELECT date(eventTime) AS event_day, coalesce(_source_account, recipientAccountId, '') AS account,
  coalesce(_source_region, awsRegion, '') AS region, eventCategory AS category,
  count(*) AS events, min(eventTime) AS first_event, max(eventTime) AS last_event, ` + local + ` AS local_day
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
GROUP BY 1, 2, 3, 4, 8`
}

// coverage reads the rows of coverageSQL, the snapshot that they come from, and what its
// ledger says of deliveries.
func (r *run) coverage(ctx context.Context, rows *engine.Result) error {
	c := &r.report.Coverage
	c.Categories, c.Days, c.DaysWithout, c.Gaps, c.Places = map[string]int64{}, []Day{}, []string{}, []Gap{}, []Place{}
	places := newPlaces()
	days, local := map[string]int64{}, map[string]bool{}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text := func(col, i int) string { return strings.Clone(batch.Column(col).(*array.String).Value(i)) }
		counts := batch.Column(4).(*array.Int64)
		for i := range int(batch.NumRows()) {
			n := counts.Value(i)
			day := dayText(batch.Column(0).(*array.Date32).Value(i).ToTime())
			c.Events += n
			c.Categories[text(3, i)] += n
			days[day] += n
			local[dayText(batch.Column(7).(*array.Date32).Value(i).ToTime())] = true
			places.at(text(1, i), text(2, i)).addEvents(day, n)
			if at := timeAt(batch.Column(5), i); c.First.IsZero() || at.Before(c.First) {
				c.First = at
			}
			last := timeAt(batch.Column(6), i)
			c.Last = latest(last, c.Last)
			places.lastEvents[day] = latest(last, places.lastEvents[day])
		}
		batch.Release()
	}
	for day, n := range days {
		c.Days = append(c.Days, Day{day, n})
	}
	slices.SortFunc(c.Days, func(a, b Day) int { return strings.Compare(a.Day, b.Day) })

	for _, p := range rows.Stats().Pins {
		seq, at := p.Of.Made()
		r.report.Store = Store{Name: p.Store, ID: p.StoreID, Snapshot: p.Snapshot, Commit: seq, Committed: at, Distinct: r.DistinctEvents}
		var undated int64
		delivered, err := coverage.Delivered(ctx, p.Of, coverage.By{Account: true, Region: true, Day: true}, func(row coverage.Row) bool {
			in, told := concerns(row, r.Period)
			if !told {
				undated += row.Quarantined
			} else if in {
				places.at(row.Account, row.Region).addLog(row)
			}
			return in && told
		})
		if err != nil {
			return err
		}
		whole, err := wholeDays(r.Period, at)
		if err != nil {
			return err
		}
		due := deliveryDays(r.Period, at)
		c.CompleteThrough = places.deliveries(delivered, due)
		c.Places = places.list()
		for _, p := range c.Places {
			c.Digests.add(p.Digests)
			c.Filtered += p.Filtered
			c.Repeated.add(p.Repeated)
		}
		for _, day := range whole {
			if !local[day] {
				c.DaysWithout = append(c.DaysWithout, day)
			}
		}
		c.Gaps = r.gaps(places, due, undated)
		r.report.Counts = counts(delivered, p.Of.Rows(), c, r.DistinctEvents)
	}
	return nil
}

// counts accounts for the records of a store with so many events.
func counts(delivered []coverage.Row, events int64, c *Coverage, distinct bool) Counts {
	n := Counts{Events: events, Period: c.Events}
	for _, row := range delivered {
		n.Objects += row.Objects
		n.Records += row.Records
		n.Filtered += row.Filtered
		n.Quarantined += row.Quarantined
	}
	n.Stored = n.Records - n.Filtered - n.Quarantined
	n.Removed = n.Stored - n.Events
	var days, categories, places int64
	for _, d := range c.Days {
		days += d.Events
	}
	for _, k := range c.Categories {
		categories += k
	}
	for _, p := range c.Places {
		places += p.Events
	}
	n.Reconcile = n.Removed >= 0 && n.Period <= n.Events && days == n.Period && categories == n.Period && places == n.Period
	return n
}

// cloudTrailBegan is the day on which CloudTrail was announced: no log is older. What is stored of
// before, such as samples, counts, but no day before is missing, so that a period that begins with the
// calendar does not fill a report with days.
var cloudTrailBegan = time.Date(2013, 11, 13, 0, 0, 0, 0, time.UTC)

// wholeDays are the days of a period's zone that lie in it as a whole and were over when the
// snapshot was made: what was not cannot be complete.
func wholeDays(p Period, committed time.Time) ([]string, error) {
	zone, err := time.LoadLocation(p.Zone) // "" is UTC
	if err != nil {
		return nil, err
	}
	until := p.Until
	if committed.Before(until) {
		until = committed
	}
	var days []string
	p.Since = latest(p.Since, cloudTrailBegan)
	y, m, d := p.Since.In(zone).Date()
	for day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
		if dayBegin(day.AddDate(0, 0, 1), zone).After(until) {
			return days, nil
		}
		if !dayBegin(day, zone).Before(p.Since) {
			days = append(days, dayText(day))
		}
	}
}

// deliveryDays are the days of delivery, which are in UTC, that lie in a period for the most
// part and were over when the snapshot was made: as many as the period has days, in every zone.
func deliveryDays(p Period, committed time.Time) (days []string) {
	const day = 24 * time.Hour
	p.Since = latest(p.Since, cloudTrailBegan)
	for at := p.Since.UTC().Truncate(day); at.Before(p.Until) && !at.Add(day).After(committed); at = at.Add(day) {
		from, to := at, at.Add(day)
		if from.Before(p.Since) {
			from = p.Since
		}
		if to.After(p.Until) {
			to = p.Until
		}
		if to.Sub(from) >= day/2 {
			days = append(days, dayText(at))
		}
	}
	return days
}

func dayText(day time.Time) string { return day.Format(time.DateOnly) }

// place is a Place in the making.
type place struct {
	Place
	events map[string]int64
	// deliveries are all days with a delivery, also outside of the period, and when the last of
	// each was; zero where no name tells.
	deliveries map[string]time.Time
}

func (p *place) addEvents(day string, n int64) {
	p.Events += n
	p.events[day] += n
}

// places are those of a store, by account and region.
type places struct {
	all map[[2]string]*place
	// lastEvents are the times of the last event of each day of the period.
	lastEvents map[string]time.Time
}

func newPlaces() *places {
	return &places{map[[2]string]*place{}, map[string]time.Time{}}
}

func (ps *places) at(account, region string) *place {
	k := [2]string{account, region}
	if ps.all[k] == nil {
		ps.all[k] = &place{Place: Place{Account: account, Region: region, Days: []Day{}, SilentDays: []string{}}, events: map[string]int64{}, deliveries: map[string]time.Time{}}
	}
	return ps.all[k]
}

// lateDelivery is by how much a log may come after the last of its events: CloudTrail delivers "within
// an average of about 5 minutes", which "is not guaranteed" (AWS CloudTrail User Guide, "How CloudTrail
// works"). A guess.
const lateDelivery = 6 * time.Hour

// concerns reports whether an object may hold events of a period, by when it was delivered; told is
// false where its name does not tell.
func concerns(row coverage.Row, p Period) (in, told bool) {
	from, to := row.LastDelivery, row.LastDelivery
	if from.IsZero() {
		from, to = row.Day, row.Day.Add(24*time.Hour-1)
	}
	return from.Before(p.Until.Add(lateDelivery)) && !to.Before(p.Since), !row.Day.IsZero() || !row.LastDelivery.IsZero()
}

// addLog counts an object that may hold events of the period, or a log or digest that is missing.
func (p *place) addLog(row coverage.Row) {
	p.Objects += row.Objects
	p.Records += row.Records
	p.Filtered += row.Filtered
	p.Quarantined += row.Quarantined
	p.Repeated.add(Delivered{row.Repeated, row.RepeatedRecords})
	p.Digests.add(Digests{
		Verified: Delivered{row.Verified, row.VerifiedRecords}, Failed: Delivered{row.Failed, row.FailedRecords},
		Unverified: Delivered{row.Unverified, row.Records - row.VerifiedRecords - row.FailedRecords},
		Missing:    row.MissingLogs, MissingDigests: row.MissingDigests,
	})
}

// deliveries adds what was delivered, and returns the time of the last delivery.
func (ps *places) deliveries(rows []coverage.Row, due []string) (last time.Time) {
	for _, row := range rows {
		if row.LastDelivery.After(last) {
			last = row.LastDelivery
		}
		if row.Objects == 0 && row.MissingLogs == 0 {
			continue
		}
		p := ps.at(row.Account, row.Region)
		if row.LastDelivery.After(p.LastDelivery) {
			p.LastDelivery = row.LastDelivery
		}
		if row.Day.IsZero() {
			continue
		}
		day := dayText(row.Day)
		if row.Objects > 0 {
			p.deliveries[day] = row.LastDelivery
			if _, in := slices.BinarySearch(due, day); in {
				p.DeliveryDays++
			}
		}
	}
	for _, p := range ps.all {
		p.SilentDays, p.MissingDays = silent(p.deliveries, due)
	}
	return last
}

// list returns the places that have anything to do with the period, in order.
func (ps *places) list() []Place {
	list := []Place{}
	for _, p := range ps.all {
		if p.Events == 0 && len(p.deliveries) == 0 && p.Digests.Missing+p.Digests.MissingDigests == 0 {
			continue
		}
		for day, n := range p.events {
			p.Days = append(p.Days, Day{day, n})
		}
		slices.SortFunc(p.Days, func(a, b Day) int { return strings.Compare(a.Day, b.Day) })
		list = append(list, p.Place)
	}
	slices.SortFunc(list, func(a, b Place) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	return list
}

func timeAt(a arrow.Array, i int) time.Time {
	t, ok := a.(*array.Timestamp)
	if !ok || t.IsNull(i) {
		return time.Time{}
	}
	return t.Value(i).ToTime(t.DataType().(*arrow.TimestampType).Unit).UTC()
}
