// Package coverage tells what a store holds of which account, region and day, and where
// deliveries are missing: what an auditor needs before a number of events means anything.
//
// Of puts together what the ledger says of every object that was ingested, and the times
// of the events that the store holds of each. Days are days of delivery, in UTC, by the
// objects' keys; the events of an object are mostly some minutes older.
package coverage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/lake"
	"traillake/lake/source"
)

// By says by what the coverage is told apart; the zero value gives one row for everything.
type By struct{ Account, Region, Day bool }

// Row is the coverage of one account, region and day, or of more where By tells less apart.
type Row struct {
	// Account and Region are those of the objects' keys; empty for keys that do not
	// tell, and where they are not told apart.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Day is the day of delivery, UTC; zero for keys that do not tell, and where days
	// are not told apart.
	Day time.Time `json:"day,omitzero"`
	// Missing marks a day without any delivery that lies between days with some, for the same
	// account and region, or of which logs or digests are missing. All but what begins with Missing is 0.
	Missing bool `json:"missing,omitempty"`
	// LastDelivery is when the last object was delivered, by its name, to the minute; zero
	// where no name tells.
	LastDelivery time.Time `json:"lastDelivery,omitzero"`
	// Objects were ingested, of Bytes as delivered. Records were read from them, of
	// which Filtered were left out by selectors and Quarantined could not be read.
	Objects     int64 `json:"objects"`
	Bytes       int64 `json:"bytes"`
	Records     int64 `json:"records"`
	Filtered    int64 `json:"filtered"`
	Quarantined int64 `json:"quarantined"`
	// Repeated are those of Objects that the store had before: from another place, by the name that
	// CloudTrail gave them, or with other content. The events of both are in the store.
	Repeated int64 `json:"repeated"`
	// Events are in the store now: Records without Filtered, Quarantined and what
	// retention has removed.
	Events int64 `json:"events"`
	// FirstEvent and LastEvent are the times of the first and last of Events.
	FirstEvent time.Time `json:"firstEvent,omitzero"`
	LastEvent  time.Time `json:"lastEvent,omitzero"`
	// Days have a delivery, and MissingDays between them have none. Both are counted for
	// every account and region alone.
	Days        int64 `json:"days"`
	MissingDays int64 `json:"missingDays"`
	// MeanDelay and MaxDelay are from an event to its delivery, in seconds, over those
	// objects whose names tell when that was, which held Timed of the events.
	MeanDelay float64 `json:"meanDelaySeconds"`
	MaxDelay  float64 `json:"maxDelaySeconds"`
	Timed     int64   `json:"eventsWithDelay"`
	// Verified and Failed are those of Objects that are, and are not, what a valid digest of
	// CloudTrail says. Of Unverified no digest says anything, or nobody asked.
	Verified   int64 `json:"verified"`
	Unverified int64 `json:"unverified"`
	Failed     int64 `json:"failed"`
	// MissingLogs are log files that valid digests name and that were not there to be ingested.
	// They are no part of Objects.
	MissingLogs int64 `json:"missingLogs"`
	// MissingDigests are digests that the next ones name and that were not there, or not valid: what
	// they named may be missing without a trace.
	MissingDigests int64 `json:"missingDigests"`
	// VerifiedRecords and FailedRecords are the Records of Verified and of Failed.
	VerifiedRecords int64 `json:"verifiedRecords"`
	FailedRecords   int64 `json:"failedRecords"`
	// RepeatedRecords are the Records of Repeated.
	RepeatedRecords int64 `json:"repeatedRecords"`
}

// place is the finest key: deliveries are missed by account and region.
type place struct {
	account, region string
	day             time.Time
}

// places are rows by the finest key.
type places map[place]*Row

// placeOf returns the place of an object.
func placeOf(key, account, region string) place {
	parsed := source.ParseKey(key)
	return place{cmp.Or(parsed.Account, account), cmp.Or(parsed.Region, region), parsed.Day}
}

func (p places) at(k place) *Row {
	r := p[k]
	if r == nil {
		r = &Row{Account: k.account, Region: k.region, Day: k.day}
		p[k] = r
	}
	return r
}

// Of returns the rows of a store in the order of account, region and day. With By.Day,
// days without a delivery have rows of their own.
func Of(ctx context.Context, e *engine.Engine, s *lake.Store, by By) ([]Row, error) {
	p := places{}
	sn, err := p.events(ctx, e, s)
	if err == nil {
		err = p.delivered(ctx, sn, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return gather(p, by), nil
}

// Delivered returns rows as Of does, of what was delivered until a snapshot: what they say
// of events is left empty, so that no data file is read. If each is not nil, it is called before
// with every object, everything that is missing, and what says of an object that it is Repeated, as a row by
// itself, in no order; LastDelivery is then of the name, also of what is missing. An object for which it returns
// false is none of those of which Repeated is told: each of the others takes some 40 bytes.
func Delivered(ctx context.Context, sn *lake.Snapshot, by By, each func(Row) (wanted bool)) ([]Row, error) {
	p := places{}
	if err := p.delivered(ctx, sn, each); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return gather(p, by), nil
}

// delivered adds what was delivered until a snapshot. See Delivered.
func (p places) delivered(ctx context.Context, sn *lake.Snapshot, each func(Row) bool) error {
	logs := newLogs()
	add := func(at *Row, key string, row Row) (wanted bool) {
		at.add(row)
		if each == nil {
			return true
		}
		row.Account, row.Region, row.Day = at.Account, at.Region, at.Day
		if row.LastDelivery.IsZero() {
			row.LastDelivery, _ = source.DeliveredAt(key)
		}
		return each(row)
	}
	missing, err := sn.Deliveries(ctx, func(o lake.ObjectEntry) error {
		row := Row{Objects: 1, Bytes: o.Size, Records: o.RowsIn, Filtered: o.Filtered, Quarantined: o.Quarantined}
		row.LastDelivery, _ = source.DeliveredAt(o.Key)
		switch o.Verdict {
		case lake.VerdictVerified:
			row.Verified, row.VerifiedRecords = 1, o.RowsIn
		case lake.VerdictFailed:
			row.Failed, row.FailedRecords = 1, o.RowsIn
		default:
			row.Unverified = 1
		}
		at := p.at(placeOf(o.Key, o.Account, o.Region))
		if !add(at, o.Key, row) {
			return nil
		}
		// The newest come first.
		if newer, ok := logs.met(o.Bucket, o.Key, log{at, o.RowsIn}); ok {
			add(newer.at, o.Key, Row{Repeated: 1, RepeatedRecords: newer.records})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range missing.Logs {
		add(p.at(placeOf(m.Key, "", "")), m.Key, Row{MissingLogs: 1})
	}
	for _, m := range missing.Digests {
		add(p.at(placeOf(m.Key, "", "")), m.Key, Row{MissingDigests: 1})
	}
	return nil
}

// events adds what the store holds of each object, and returns the snapshot that says so: one of
// another moment would tell of objects without their events.
func (p places) events(ctx context.Context, e *engine.Engine, s *lake.Store) (sn *lake.Snapshot, err error) {
	rows, err := e.Query(ctx, engine.Request{Store: s.ID(), SQL: `SELECT _source, coalesce(_source_account, ''), coalesce(_source_region, ''),
		count(*), min(eventTime), max(eventTime), avg(to_unixtime(eventTime))
		FROM $EDS_ID GROUP BY _source, _source_account, _source_region`})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows.Stats().Pins[0].Of, nil
		}
		if err != nil {
			return nil, err
		}
		key, account, region := batch.Column(0).(*array.String), batch.Column(1).(*array.String), batch.Column(2).(*array.String)
		count, mean := batch.Column(3).(*array.Int64), batch.Column(6).(*array.Float64)
		first, last := batch.Column(4).(*array.Timestamp), batch.Column(5).(*array.Timestamp)
		for i := range int(batch.NumRows()) {
			r := p.at(placeOf(key.Value(i), account.Value(i), region.Value(i)))
			r.add(Row{Events: count.Value(i), FirstEvent: time.UnixMicro(int64(first.Value(i))).UTC(), LastEvent: time.UnixMicro(int64(last.Value(i))).UTC()})
			if delivered, ok := source.DeliveredAt(key.Value(i)); ok {
				r.add(Row{Timed: count.Value(i), MeanDelay: float64(delivered.Unix()) - mean.Value(i),
					MaxDelay: delivered.Sub(time.UnixMicro(int64(first.Value(i)))).Seconds()})
			}
		}
		batch.Release()
	}
}

// add puts the numbers of another row into r.
func (r *Row) add(o Row) {
	r.Objects += o.Objects
	r.Bytes += o.Bytes
	r.Records += o.Records
	r.Filtered += o.Filtered
	r.Quarantined += o.Quarantined
	r.Events += o.Events
	r.Days += o.Days
	r.MissingDays += o.MissingDays
	if o.LastDelivery.After(r.LastDelivery) {
		r.LastDelivery = o.LastDelivery
	}
	r.Verified += o.Verified
	r.Unverified += o.Unverified
	r.Failed += o.Failed
	r.MissingLogs += o.MissingLogs
	r.MissingDigests += o.MissingDigests
	r.VerifiedRecords += o.VerifiedRecords
	r.FailedRecords += o.FailedRecords
	r.Repeated += o.Repeated
	r.RepeatedRecords += o.RepeatedRecords
	if r.FirstEvent.IsZero() || !o.FirstEvent.IsZero() && o.FirstEvent.Before(r.FirstEvent) {
		r.FirstEvent = o.FirstEvent
	}
	if o.LastEvent.After(r.LastEvent) {
		r.LastEvent = o.LastEvent
	}
	if o.Timed > 0 {
		if r.Timed == 0 {
			r.MaxDelay = math.Inf(-1)
		}
		r.MeanDelay += (o.MeanDelay - r.MeanDelay) * float64(o.Timed) / float64(r.Timed+o.Timed)
		r.MaxDelay = max(r.MaxDelay, o.MaxDelay)
		r.Timed += o.Timed
	}
}

// gather finds the missing days and adds up what is not told apart.
func gather(places places, by By) []Row {
	keys := make([]place, 0, len(places))
	for k := range places {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), a.day.Compare(b.day))
	})
	sums := map[place]*Row{}
	var out []*Row
	put := func(k place, r Row) {
		sum := place{}
		if by.Account {
			sum.account = k.account
		}
		if by.Region {
			sum.region = k.region
		}
		if by.Day {
			sum.day = k.day
		}
		into := sums[sum]
		if into == nil {
			into = &Row{Account: sum.account, Region: sum.region, Day: sum.day}
			sums[sum] = into
			out = append(out, into)
		}
		into.add(r)
	}
	var before place // the last day with a delivery
	for _, k := range keys {
		if r := places[k]; !k.day.IsZero() && (r.Objects > 0 || r.MissingLogs+r.MissingDigests == 0) {
			r.Days = 1
			if before.account == k.account && before.region == k.region && !before.day.IsZero() {
				for day := before.day.AddDate(0, 0, 1); day.Before(k.day); day = day.AddDate(0, 0, 1) {
					put(place{k.account, k.region, day}, Row{MissingDays: 1})
				}
			}
			before = k
		}
		put(k, *places[k])
	}
	rows := make([]Row, 0, len(out))
	for _, r := range out {
		r.Missing = !r.Day.IsZero() && r.Days == 0 && r.MissingDays+r.MissingLogs+r.MissingDigests > 0
		rows = append(rows, *r)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), a.Day.Compare(b.Day))
	})
	return rows
}
