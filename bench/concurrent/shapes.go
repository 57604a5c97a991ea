package concurrent

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/queries"
)

//go:embed queries/*.sql
var texts embed.FS

// shape is a query of the mix.
type shape struct {
	name string
	*queries.Query
}

const (
	needle    = "needle"
	hour      = "hour"
	oldEvents = "old-events"
	allEvents = "all-events"
)

// mix is how often a shape is asked, of all together: analysts look for single things
// more often than they count everything.
var mix = []struct {
	name   string
	weight int
}{{needle, 4}, {hour, 3}, {"top-addresses", 1}, {"denied-by-day", 1}, {oldEvents, 1}, {allEvents, 1}}

// shapes reads the embedded queries, in the order of mix.
func shapes() ([]shape, error) {
	var all []shape
	for _, m := range mix {
		text, err := fs.ReadFile(texts, "queries/"+m.name+".sql")
		if err != nil {
			return nil, err
		}
		q, err := queries.Parse(m.name, text)
		if err != nil {
			return nil, err
		}
		all = append(all, shape{m.name, q})
	}
	return all, nil
}

// choose draws the next query.
func (b *bench) choose(rnd *rand.Rand) (shape, engine.Request) {
	total := 0
	for _, m := range mix {
		total += m.weight
	}
	n, at := rnd.IntN(total), 0
	for n >= mix[at].weight {
		n -= mix[at].weight
		at++
	}
	s := b.shapes[at]
	r := engine.Request{SQL: s.SQL, Params: map[string]queries.Value{}}
	switch s.name {
	case needle:
		r.Params["id"] = queries.Value{Type: queries.TypeString, Data: b.needles[rnd.IntN(len(b.needles))]}
	case hour:
		hours := int(b.until.Sub(b.from) / time.Hour)
		since := b.from.Add(time.Duration(rnd.IntN(hours)) * time.Hour)
		r.Params["since"] = queries.Value{Type: queries.TypeTimestamp, Data: since}
		r.Params["until"] = queries.Value{Type: queries.TypeTimestamp, Data: since.Add(time.Hour)}
	case oldEvents:
		r.Params["until"] = queries.Value{Type: queries.TypeTimestamp, Data: b.until}
	}
	return s, r
}

// answer is what a query gave.
type answer struct {
	rows     int64
	first    int64 // the first value, where it is a number
	snapshot int64
}

// ask runs a query to its last row.
func (b *bench) ask(ctx context.Context, r engine.Request, each func(arrow.RecordBatch)) (a answer, err error) {
	res, err := b.engine.Query(ctx, r)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for {
		batch, err := res.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return a, err
		}
		if n, ok := batch.Column(0).(*array.Int64); ok && a.rows == 0 && batch.NumRows() > 0 {
			a.first = n.Value(0)
		}
		a.rows += batch.NumRows()
		if each != nil {
			each(batch)
		}
		batch.Release()
	}
	a.snapshot = res.Stats().Pins[0].Snapshot
	return a, nil
}

// learn finds out what the needles are and how many events the old range has. It also
// warms what is kept in memory.
func (b *bench) learn(ctx context.Context) error {
	for _, s := range b.shapes {
		if s.name != oldEvents {
			continue
		}
		a, err := b.ask(ctx, engine.Request{SQL: s.SQL, Params: map[string]queries.Value{"until": {Type: queries.TypeTimestamp, Data: b.until}}}, nil)
		if err != nil {
			return err
		}
		b.oldEvents = a.first
	}
	// Ids are random, so the first of them in order are events of any time.
	_, err := b.ask(ctx, engine.Request{SQL: "SELECT eventID FROM $EDS_ID WHERE eventID IS NOT NULL ORDER BY eventID LIMIT 500"}, func(batch arrow.RecordBatch) {
		ids := batch.Column(0).(*array.String)
		for i := range ids.Len() {
			b.needles = append(b.needles, string([]byte(ids.Value(i))))
		}
	})
	if err == nil && (len(b.needles) == 0 || b.oldEvents == 0) {
		err = fmt.Errorf("%d events of the old range and %d ids: too few records", b.oldEvents, len(b.needles))
	}
	return err
}
