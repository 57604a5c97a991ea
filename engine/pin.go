package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/lake"
	"traillake/schema"
)

// Pin is the snapshot of a store that a query reads.
type Pin struct {
	// Store and StoreID are the store's name and id.
	Store, StoreID string
	// Snapshot is the table's snapshot id, 0 for a store without data; Version is
	// that of the metadata file, Committed its time.
	Snapshot  int64
	Version   int
	Committed time.Time
	// Bounds is the range of event time by which files were left out.
	Bounds lake.TimeRange
	// Files are the files that are read, in order; Pruned those left out.
	Files, Pruned []File
	// Counted are files of which nothing is read but how many rows they have, which the
	// snapshot knows; they stand in place of Files.
	Counted []File

	// Of is the snapshot itself.
	Of *lake.Snapshot

	store  *lake.Store
	tables []int // the plan's tables that mean this store
	schema *arrow.Schema
	alike  bool // all files have the columns of schema

	distinct bool // each event is read once

	verdict string // SQL of _source_verdict, empty where it is not read
}

// File is a data file of a pinned snapshot.
type File struct {
	// URI names the file in the store; Path is where it lies on this machine, its URI
	// while it lies elsewhere.
	URI, Path string
	// Rows and Bytes are its size.
	Rows, Bytes int64
	// MinTime and MaxTime are its first and last event time.
	MinTime, MaxTime time.Time

	canonical bool // no row keeps its text
}

// data describes the file for the lake.
func (f File) data() lake.DataFile { return lake.DataFile{URI: f.URI, Bytes: f.Bytes} }

// pinner pins the stores of several plans at the same snapshots. What they read stays until
// it is released: on a disk by leases of the snapshots. Of a lake that lies elsewhere copies
// are read, which stay by themselves, so a lease is taken when the first file is to be fetched.
type pinner struct {
	lake    *lake.Lake
	at      lake.Point
	wanted  map[string]*wanted        // by the stores' ids
	fetched []func()                  // let go of local copies
	paths   map[string]string         // of the files that are here, by their URIs
	named   map[string]*lake.Snapshot // by the names that were given
	snaps   map[string]*lake.Snapshot // by the stores' ids
	turn    func()                    // ends the turn of the query, if not nil

	mu     sync.Mutex             // guards leases, which fetches take side by side
	leases map[string]*lake.Lease // by the stores' ids
}

func newPinner(l *lake.Lake, at lake.Point) *pinner {
	n := &pinner{lake: l, at: at}
	n.forget()
	return n
}

// steadily calls do, which pins and reads, again and again while the newest snapshot ceases
// to be kept before there is a lease of it.
func (n *pinner) steadily(ctx context.Context, do func(context.Context) error) error {
	if n.lake.Remote() {
		queryContext := ctx
		ctx = lake.BeforeFetch(ctx, func() error { return n.lease(queryContext) })
	}
	for {
		err := do(ctx)
		if !n.outdated(err) {
			return err
		}
		n.forget()
	}
}

// outdated reports whether an error says that the newest snapshot is another by now.
func (n *pinner) outdated(err error) bool {
	return n.at == (lake.Point{}) && errors.Is(err, lake.ErrSnapshotNotFound)
}

// snapshot pins the store of the name.
func (n *pinner) snapshot(ctx context.Context, t planTable) (*lake.Snapshot, error) {
	if snap := n.named[t.name]; snap != nil {
		return snap, nil
	}
	st, snap, err := n.lake.SnapshotAt(ctx, t.name, n.at)
	if st == nil {
		return nil, t.unknown(err)
	}
	if err != nil {
		return nil, fmt.Errorf("pin store %q: %w", st.Name(), err)
	}
	if known := n.snaps[st.ID()]; known != nil { // by another name
		snap = known
	}
	n.named[t.name], n.snaps[st.ID()] = snap, snap
	if !n.lake.Remote() {
		err = n.lease(ctx)
	}
	return snap, err
}

// lease takes leases of all snapshots that have none.
func (n *pinner) lease(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, snap := range n.snaps {
		if n.leases[id] != nil {
			continue
		}
		lease, err := snap.Lease(ctx)
		if err != nil {
			return fmt.Errorf("pin store %q: %w", snap.Store().Name(), err)
		}
		n.leases[id] = lease
	}
	return nil
}

// reads reports whether one of the tables that mean the store of p reads a column.
func (p *Pin) reads(tables []planTable, column string) bool {
	return p.distinct && slices.Contains(onceColumns, column) ||
		slices.ContainsFunc(p.tables, func(i int) bool { return tables[i].reads(column) })
}

// wanted is what is read of one store.
type wanted struct {
	store *lake.Store
	files map[string]lake.DataFile // by URI
	reads []func(column string) bool
}

// want adds what the tables of pins read to what is read of the stores.
func (n *pinner) want(pins []*Pin, tables []planTable) {
	for _, p := range pins {
		w := n.wanted[p.StoreID]
		if w == nil {
			w = &wanted{store: p.store, files: map[string]lake.DataFile{}}
			n.wanted[p.StoreID] = w
		}
		w.reads = append(w.reads, func(column string) bool { return p.reads(tables, column) })
		for _, f := range p.Files {
			w.files[f.URI] = f.data()
		}
	}
}

// fetch has what is wanted of the files lie on this machine.
func (n *pinner) fetch(ctx context.Context) error {
	for _, w := range n.wanted {
		files := slices.Collect(maps.Values(w.files))
		slices.SortFunc(files, func(a, b lake.DataFile) int { return strings.Compare(a.URI, b.URI) })
		paths, release, err := w.store.Fetch(ctx, files, func(column string) bool {
			return slices.ContainsFunc(w.reads, func(reads func(string) bool) bool { return reads(column) })
		})
		if err != nil {
			return err
		}
		n.fetched = append(n.fetched, release)
		for i, path := range paths {
			if n.paths[files[i].URI], err = filepath.Abs(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring has what one plan reads lie on this machine, as it was written, and returns the
// paths of the files.
func (n *pinner) bring(ctx context.Context, pins []*Pin, tables []planTable) ([]string, error) {
	if err := n.sift(ctx, pins, tables); err != nil {
		return nil, err
	}
	n.want(pins, tables)
	if err := n.fetch(ctx); err != nil {
		return nil, err
	}
	return n.locate(pins), n.check(ctx, pins, tables)
}

// locate tells pins where their files lie, once they are fetched, and returns the paths.
func (n *pinner) locate(pins []*Pin) (paths []string) {
	for _, p := range pins {
		for i, f := range p.Files {
			p.Files[i].Path = n.paths[f.URI]
			paths = append(paths, n.paths[f.URI])
		}
	}
	return paths
}

// forget lets go of the snapshots and of the copies of their files.
func (n *pinner) forget() {
	for _, done := range n.fetched {
		done()
	}
	for _, l := range n.leases {
		l.Release()
	}
	n.fetched, n.leases = nil, map[string]*lake.Lease{}
	n.named, n.snaps = map[string]*lake.Snapshot{}, map[string]*lake.Snapshot{}
	n.wanted, n.paths = map[string]*wanted{}, map[string]string{}
}

// release lets go of everything, and ends the turn.
func (n *pinner) release() {
	n.forget()
	if n.turn != nil {
		n.turn()
		n.turn = nil
	}
}

// pinnedSession is a session that reads what a pinner holds.
type pinnedSession struct{ watchedSession }

// Close ends the session and lets go of the snapshots.
func (s pinnedSession) Close() error {
	err := s.Session.Close()
	s.pinned.release()
	return err
}

// pin takes one snapshot of each store. A store named in several ways is pinned
// once, with the union of the bounds.
func (n *pinner) pin(ctx context.Context, tables []planTable) ([]*Pin, error) {
	var pins []*Pin
	var err error
	byID := map[string]*Pin{}
	for i, t := range tables {
		snap, err := n.snapshot(ctx, t)
		if err != nil {
			return nil, err
		}
		st := snap.Store()
		if p := byID[st.ID()]; p != nil {
			p.tables = append(p.tables, i)
			p.Bounds = union(p.Bounds, t.bounds)
			continue
		}
		p := &Pin{
			Store: st.Name(), StoreID: st.ID(), Snapshot: snap.ID(), Version: snap.Version(), Committed: snap.Time(),
			Bounds: t.bounds, Of: snap, store: st, tables: []int{i}, schema: st.Schema(), alike: snap.OneSchema(),
			distinct: t.distinct,
		}
		byID[st.ID()] = p
		pins = append(pins, p)
	}
	for _, p := range pins {
		if err := p.plan(ctx, n.snaps[p.StoreID]); err != nil {
			return nil, fmt.Errorf("plan files of store %q: %w", p.Store, err)
		}
		if !slices.ContainsFunc(p.tables, func(i int) bool { return !tables[i].counted }) {
			p.Files, p.Counted = nil, p.Files
		}
		if slices.ContainsFunc(p.tables, func(i int) bool { return tables[i].reads(schema.ColSourceVerdict) }) {
			if p.verdict, err = verdictSQL(n.snaps[p.StoreID].Objects(ctx)); err != nil {
				return nil, err
			}
		}
	}
	return pins, nil
}

// union returns the range that holds both.
func union(a, b lake.TimeRange) lake.TimeRange {
	if b.From.IsZero() || !a.From.IsZero() && b.From.Before(a.From) {
		a.From = b.From
	}
	if b.To.IsZero() || !a.To.IsZero() && b.To.After(a.To) {
		a.To = b.To
	}
	return a
}

func (p *Pin) plan(ctx context.Context, snap *lake.Snapshot) error {
	kept, err := snap.Files(ctx, p.Bounds)
	if err != nil {
		return err
	}
	all, err := snap.Files(ctx, lake.TimeRange{})
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, f := range kept {
		keep[f.URI] = true
	}
	for _, f := range all {
		path := f.URI
		if f.Path != "" {
			if path, err = filepath.Abs(f.Path); err != nil {
				return err
			}
		}
		d := File{
			URI: f.URI, Path: path, Rows: f.Rows, Bytes: f.Bytes,
			MinTime: time.UnixMicro(f.MinTime).UTC(), MaxTime: time.UnixMicro(f.MaxTime).UTC(), canonical: f.Canonical,
		}
		if keep[f.URI] {
			p.Files = append(p.Files, d)
		} else {
			p.Pruned = append(p.Pruned, d)
		}
	}
	return nil
}

// sift leaves out the files whose Bloom filters say that they hold no row that matters to
// the tables.
func (n *pinner) sift(ctx context.Context, pins []*Pin, tables []planTable) error {
	for _, p := range pins {
		demands := p.demands(tables)
		if len(demands) == 0 {
			continue
		}
		files := make([]lake.DataFile, len(p.Files))
		for i, f := range p.Files {
			files[i] = f.data()
		}
		keep, err := p.store.Sift(ctx, files, demands)
		if err != nil {
			return err
		}
		var kept []File
		for i, f := range p.Files {
			if keep[i] {
				kept = append(kept, f)
			} else {
				p.Pruned = append(p.Pruned, f)
			}
		}
		p.Files = kept
	}
	return nil
}

// demands returns what every row has that matters to any of the tables that mean the store.
func (p *Pin) demands(tables []planTable) map[string][]string {
	var all map[string][]string
	for k, i := range p.tables {
		f := tables[i].filter
		if f == nil {
			return nil
		}
		if k == 0 {
			all = f.demands
		} else {
			all = eitherOf(all, f.demands)
		}
	}
	if texts := all[schema.ColEventID]; p.distinct && texts != nil {
		// Which of the copies of an event is read must not depend on other columns.
		return map[string][]string{schema.ColEventID: texts}
	} else if p.distinct {
		return nil
	}
	return all
}

func (p *Pin) local() []lake.LocalFile {
	files := make([]lake.LocalFile, len(p.Files))
	for i, f := range p.Files {
		files[i] = lake.LocalFile{Path: f.Path, Bytes: f.Bytes, URI: f.URI}
	}
	return files
}

// check makes sure that damage of what the tables read of data files is noticed.
func (n *pinner) check(ctx context.Context, pins []*Pin, tables []planTable) error {
	for _, p := range pins {
		err := p.store.CheckRead(ctx, p.local(), func(column string) bool { return p.reads(tables, column) })
		if err != nil {
			return err
		}
	}
	return nil
}

// pinFor returns the pin of table number i.
func pinFor(pins []*Pin, i int) *Pin {
	for _, p := range pins {
		for _, k := range p.tables {
			if k == i {
				return p
			}
		}
	}
	panic("BUG: a table without a snapshot")
}

// pathsOf returns where files lie.
func pathsOf(files []File) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths
}

func (p *Pin) view(n need) (string, error) {
	return viewSQL(p, pathsOf(p.Files), n)
}

// boundsText writes a range for people.
func boundsText(r lake.TimeRange) string {
	var parts []string
	if !r.From.IsZero() {
		parts = append(parts, "eventtime >= "+r.From.Format(time.RFC3339Nano))
	}
	if !r.To.IsZero() {
		parts = append(parts, "eventtime < "+r.To.Format(time.RFC3339Nano))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}
