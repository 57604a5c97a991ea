package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"traillake/lake"
	"traillake/schema"
)

// explainFiles is the number of files of each kind that Explain lists.
const explainFiles = 20

// Explain says how a query would run: the snapshots, the bounds on event time, the
// stored columns that are read, the files that the bounds and Bloom filters keep and leave
// out, and the SQL of DuckDB. The query is not run.
func (e *Engine) Explain(ctx context.Context, r Request) (string, error) {
	r = e.withDefaults(r)
	qctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	p, pins, pinned, err := e.prepare(qctx, r, true)
	if err != nil {
		return "", timeoutError(ctx, err, r.Timeout)
	}
	defer pinned.release()
	var b strings.Builder
	for _, pin := range pins {
		fmt.Fprintf(&b, "store %s (%s), snapshot %d, version %d of %s\n",
			pin.Store, pin.StoreID, pin.Snapshot, pin.Version, pin.Committed.Format(time.RFC3339))
		fmt.Fprintf(&b, "  bounds: %s\n", boundsText(pin.Bounds))
		fmt.Fprintf(&b, "  columns: %s\n", p.columnsText(pin))
		if looked := slices.Sorted(maps.Keys(pin.demands(p.tables))); looked != nil {
			fmt.Fprintf(&b, "  Bloom filters: of %s\n", strings.Join(looked, ", "))
		}
		if pin.Counted != nil {
			explainList(&b, "counted by the snapshot, not opened", pin.Counted, lake.TimeRange{})
		} else {
			explainList(&b, "read", pin.Files, lake.TimeRange{})
		}
		explainList(&b, leftOut, pin.Pruned, pin.Bounds)
	}
	sources, err := p.sources(func(i int) (string, error) { return p.view(pinFor(pins, i)) })
	if err != nil {
		return "", err
	}
	if p.trino == nil {
		for i, t := range p.tables {
			fmt.Fprintf(&b, "CREATE VIEW %s AS %s;\n", quoteName(t.name), sources[i])
		}
	}
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace(p.over(sources)))
	return b.String(), nil
}

// columnsText lists the stored columns that are read of a store.
func (p *plan) columnsText(pin *Pin) string {
	var names []string
	for _, c := range schema.Stored() {
		if slices.ContainsFunc(pin.tables, func(i int) bool { return p.tables[i].reads(c.Name) }) {
			names = append(names, c.Name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

const leftOut = "left out"

// explainList lists files, with the reason where they are left out.
func explainList(b *strings.Builder, what string, files []File, bounds lake.TimeRange) {
	var rows, bytes int64
	for _, f := range files {
		rows += f.Rows
		bytes += f.Bytes
	}
	fmt.Fprintf(b, "  %s: %d files, %d rows, %d bytes\n", what, len(files), rows, bytes)
	for i, f := range files {
		if i == explainFiles {
			fmt.Fprintf(b, "    and %d more\n", len(files)-i)
			break
		}
		why := ""
		switch {
		case !bounds.From.IsZero() && f.MaxTime.Before(bounds.From):
			why = ", before the bounds"
		case !bounds.To.IsZero() && !f.MinTime.Before(bounds.To):
			why = ", after the bounds"
		case what == leftOut:
			why = ", without the values"
		}
		fmt.Fprintf(b, "    %s  %s to %s, %d rows%s\n", strings.TrimPrefix(f.URI, "file://"),
			f.MinTime.Format(time.RFC3339), f.MaxTime.Format(time.RFC3339), f.Rows, why)
	}
}
