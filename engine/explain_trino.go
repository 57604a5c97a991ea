package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
	"traillake/lake"
	"traillake/schema"
)

// trinoSchema is where the text of ExplainTrino looks for the tables: Trino's usual name
// of an Iceberg catalog, and a schema of ours.
const trinoSchema = "iceberg.traillake"

// ExplainTrino returns the same query for a real Trino: in its own SQL, over the stored
// columns of the same Iceberg tables at the same snapshots. The tables are expected
// under their stores' names in iceberg.traillake, the session's time zone to be UTC.
// Nothing is run. Only requests in DialectTrino can be explained so.
func (e *Engine) ExplainTrino(ctx context.Context, r Request) (string, error) {
	if r.Dialect != DialectTrino {
		return "", fmt.Errorf("explain for Trino: the query is in the dialect %s; only those in the dialect %s can be written for Trino", r.Dialect, DialectTrino)
	}
	r = e.withDefaults(r)
	if r.DistinctEvents {
		return "", errors.New("explain for trino: the text for Trino reads every copy of an event; leave out --distinct-events")
	}
	qctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	p, pins, pinned, err := e.prepare(qctx, r, false)
	if err != nil {
		return "", timeoutError(ctx, err, r.Timeout)
	}
	defer pinned.release()
	if slices.ContainsFunc(p.tables, func(t planTable) bool { return t.reads(schema.ColSourceVerdict) }) {
		return "", fmt.Errorf("explain for trino: %s is in the ledger of the lake, which Trino does not read; leave it out", schema.ColSourceVerdict)
	}
	sql, err := p.trino.trinoSQL(p, pins)
	if err != nil {
		return "", trinoError(r.SQL, err)
	}
	var b strings.Builder
	b.WriteString("-- For a session of Trino in UTC: SET TIME ZONE 'UTC'\n")
	if slices.ContainsFunc(syntax.Lex(sql), func(t syntax.Token) bool { return t.Key == "RECURSIVE" }) {
		// Trino's default is 10.
		fmt.Fprintf(&b, "-- For recursion as deep as here: SET SESSION max_recursion_depth = %d\n", dialect.MaxRecursion)
	}
	for _, pin := range pins {
		fmt.Fprintf(&b, "-- %s is the Iceberg table eds/%s of the lake\n", trinoTable(pin), pin.StoreID)
	}
	b.WriteString(sql + "\n")
	return b.String(), nil
}

// trinoSQL prints the statement for Trino.
func (t *trinoPlan) trinoSQL(p *plan, pins []*Pin) (string, error) {
	pinOf := func(s *dialect.StoreScan) *Pin {
		for i, t := range p.tables {
			if t.name == s.Store {
				return pinFor(pins, i)
			}
		}
		panic("BUG: a scan of no table")
	}
	return dialect.PrintTrino(t.statement, dialect.TrinoOptions{
		Table: func(s *dialect.StoreScan) string {
			pin := pinOf(s)
			if pin.Snapshot == 0 {
				return trinoTable(pin)
			}
			return fmt.Sprintf("%s FOR VERSION AS OF %d", trinoTable(pin), pin.Snapshot)
		},
		Storage: func(*dialect.StoreScan) *dialect.Storage { return trinoStorage },
		Where:   func(s *dialect.StoreScan, alias string) string { return trinoBounds(alias, pinOf(s).Bounds) },
	})
}

func trinoTable(pin *Pin) string { return trinoSchema + "." + syntax.QuoteName(pin.Store) }

// trinoBounds is the condition by which Trino leaves out files: on the stored column,
// which the sub-select around hides behind a cast.
func trinoBounds(alias string, r lake.TimeRange) string {
	var parts []string
	at := func(op string, t time.Time) {
		if !t.IsZero() {
			parts = append(parts, alias+"."+schema.ColEventTime+op+"TIMESTAMP '"+t.UTC().Format("2006-01-02 15:04:05.000000")+"'")
		}
	}
	at(" >= ", r.From)
	at(" < ", r.To)
	return strings.Join(parts, " AND ")
}
