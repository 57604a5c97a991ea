package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"golang.org/x/sync/errgroup"

	"traillake/lake/table"
	"traillake/schema"
)

// CheckOptions says how thorough a check is. The zero value reads all metadata and the
// footers of all data files.
type CheckOptions struct {
	// Deep also reads every data file to its end: hashes and event times.
	Deep bool
	// Progress, if not nil, is called from one goroutine at a time with the data files
	// done and their number, store by store.
	Progress func(done, total int64)
}

// Report is the outcome of a check.
type Report struct {
	// Checks are what was checked, in order, all stores together.
	Checks []CheckCount
	// Problems are what is wrong; none means that the lake is whole.
	Problems []Problem
	// Orphans are files of stores and of their names that no commit reaches, files in the
	// making among them: work of writers that are busy or have died. They are no problem.
	Orphans []FileInfo
}

// CheckCount tells how many things one invariant was checked on.
type CheckCount struct {
	// ID is the invariant's number, such as I3.
	ID string
	// Title says what must hold.
	Title string
	// Unit says what Checked counts, in the plural.
	Unit    string
	Checked int64
}

// Problem is a place where an invariant does not hold.
type Problem struct {
	// Invariant is the ID of a CheckCount.
	Invariant string
	// Store is the name of the store; empty for the lake as a whole.
	Store string
	// Path names the file, relative to the lake's root; empty when it is no one file's.
	Path string
	// Err says what is wrong.
	Err error
}

// String returns the problem on one line.
func (p Problem) String() string {
	parts := []string{p.Invariant}
	for _, s := range []string{p.Store, p.Path} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ") + ": " + p.Err.Error()
}

// The invariants, in the order in which they are reported.
var invariants = []CheckCount{
	{ID: "I1", Title: "metadata versions are contiguous and each names the one before", Unit: "versions"},
	{ID: "I2", Title: "every file that a commit reaches exists with its recorded size", Unit: "files"},
	{ID: "I3", Title: "manifests, Parquet footers and snapshot summaries agree on rows", Unit: "data files"},
	{ID: "I4", Title: "each source object is in exactly one batch", Unit: "objects"},
	{ID: "I5", Title: "records read = stored + filtered + quarantined, and stored = rows added", Unit: "objects"},
	{ID: "I6", Title: "the events that objects gave are those that files hold", Unit: "data files"},
	{ID: "I7", Title: "no event lies outside its file's day", Unit: "data files"},
	{ID: "I8", Title: "the audit chain is unbroken and its head is the one committed", Unit: "commits"},
	{ID: "I17", Title: "records of schedules and their runs are as they were written", Unit: "records"},
}

// Check verifies the invariants of every store. Problems are values in the report; the
// error is for a check that could not be made. Commits may go on meanwhile: each store is
// checked as of its newest commit when its turn comes.
func Check(ctx context.Context, l *Lake, o CheckOptions) (*Report, error) {
	c := &checker{o: o, report: &Report{Checks: slices.Clone(invariants)}, reached: make(map[string]bool)}
	stores, err := l.checkedStores(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("check lake %s: %w", l.Root(), err)
	}
	for _, s := range stores {
		if err := c.store(ctx, s); err != nil {
			return nil, fmt.Errorf("check store %s: %w", s.Name(), err)
		}
	}
	if err := c.lostStores(ctx, l); err != nil {
		return nil, fmt.Errorf("check lake %s: %w", l.Root(), err)
	}
	if err := c.records(ctx, l); err != nil {
		return nil, fmt.Errorf("check lake %s: %w", l.Root(), err)
	}
	if err := c.orphans(ctx, l); err != nil {
		return nil, fmt.Errorf("check lake %s: %w", l.Root(), err)
	}
	slices.SortFunc(c.report.Problems, compareProblems)
	return c.report, nil
}

// compareProblems puts problems in the order of invariants, so that two checks of the same
// damage report the same.
func compareProblems(a, b Problem) int {
	turn := func(p Problem) int {
		return slices.IndexFunc(invariants, func(i CheckCount) bool { return i.ID == p.Invariant })
	}
	return cmp.Or(cmp.Compare(turn(a), turn(b)), strings.Compare(a.Store, b.Store), strings.Compare(a.Path, b.Path),
		strings.Compare(a.Err.Error(), b.Err.Error()))
}

// checkedStores opens all stores anew, so that nothing remembered hides damage.
func (l *Lake) checkedStores(ctx context.Context, c *checker) ([]*Store, error) {
	fresh := &Lake{st: uncached(l.st), id: l.id, created: l.created, root: l.root, log: l.log, tool: l.tool, now: l.now, fetching: l.fetching}
	var stores []*Store
	c.reached[lakeFile] = true
	for fi, err := range l.st.List(ctx, namesDir) {
		if err != nil {
			return nil, err
		}
		name, ok := parseClaimName(fi.Name)
		if !ok {
			continue
		}
		c.reached[fi.Name] = true
		s, err := fresh.openFresh(ctx, name)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			c.problem("I1", name, fresh.damagedVersion(ctx, name, fi.Name), err)
			if id, err := fresh.claim(ctx, name); err == nil {
				c.unread = append(c.unread, storeDir(id)+"/")
			}
			continue
		}
		if s == nil {
			delete(c.reached, fi.Name)
			continue
		}
		stores = append(stores, s)
	}
	return stores, nil
}

// damagedVersion returns the file that keeps a store from being opened: its newest
// version, or what leads to it.
func (l *Lake) damagedVersion(ctx context.Context, name, claimed string) string {
	id, err := l.claim(ctx, name)
	if err != nil {
		return claimed
	}
	s := &Store{lake: l, id: id, st: subStorage{Storage: l.st, dir: storeDir(id)}}
	version, _, err := s.newestVersion(ctx)
	if err != nil {
		return claimed
	}
	raw, err := s.st.Get(ctx, metadataName(version))
	if err == nil {
		_, err = parseBase(metadataName(version), raw)
	}
	if err == nil {
		return claimed
	}
	return storeDir(id) + "/" + metadataName(version)
}

// checker collects what a check finds.
type checker struct {
	o       CheckOptions
	mu      sync.Mutex // guards report
	report  *Report
	reached map[string]bool // files that something names, relative to the lake's root
	unread  []string        // the folders of stores that cannot be opened: nobody knows what names their files
}

func (c *checker) problem(invariant, store, path string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Problems = append(c.report.Problems, Problem{invariant, store, path, err})
}

func (c *checker) count(invariant string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.report.Checks {
		if c.report.Checks[i].ID == invariant {
			c.report.Checks[i].Checked += int64(n)
		}
	}
}

// storeCheck is the check of one store.
type storeCheck struct {
	*checker
	s    *Store
	base *base
	// files are the files of retained snapshots, by name in the store.
	files map[string]DataFile
	// records are what the audit chain says of data files, by name in the store; hashes,
	// of manifests and their lists.
	records map[string]FileRecord
	hashes  map[string]FileHash
	// manifests are those that were looked at, and whether they are sound.
	manifests map[string]bool
}

func (c *checker) store(ctx context.Context, s *Store) error {
	b, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if b.purged {
		return nil // what is left of it is on its way out
	}
	sc := &storeCheck{
		checker: c, s: s, base: b, files: make(map[string]DataFile), records: make(map[string]FileRecord),
		hashes: make(map[string]FileHash), manifests: make(map[string]bool),
	}
	for _, step := range []func(context.Context) error{sc.versions, sc.audit, sc.snapshots, sc.dataFiles, sc.ledger} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *storeCheck) found(invariant, name string, err error) {
	c.problem(invariant, c.s.Name(), storeDir(c.s.id)+"/"+name, err)
}

func (c *storeCheck) reach(name string) { c.reached[storeDir(c.s.id)+"/"+name] = true }

// versions checks I1.
func (c *storeCheck) versions(ctx context.Context) error {
	var versions []int
	for fi, err := range c.s.st.List(ctx, metadataDir) {
		if err != nil {
			return err
		}
		if n, ok := parseMetadataName(fi.Name); ok {
			c.reach(fi.Name)
			if n <= c.base.version { // not what is committed meanwhile
				versions = append(versions, n)
			}
		}
	}
	c.reach(hintName())
	slices.Sort(versions)
	// Of the versions below the floor some may be left, in no order.
	versions = slices.DeleteFunc(versions, func(n int) bool { return n < c.base.floor })
	if len(versions) > 0 && versions[0] != c.base.floor {
		c.found("I1", metadataName(versions[0]-1), errors.New("the version is missing"))
	}
	if err := c.hintedVersion(ctx); err != nil {
		return err
	}
	for i, n := range versions {
		c.count("I1", 1)
		name := metadataName(n)
		raw, err := c.s.st.Get(ctx, name)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.found("I1", name, err)
			continue
		}
		b, err := parseBase(name, raw)
		if err != nil {
			c.found("I1", name, err)
			continue
		}
		if b.seq != int64(n)-1 {
			c.found("I1", name, fmt.Errorf("it is of commit %d, want %d", b.seq, n-1))
		}
		if i > 0 && versions[i-1] != n-1 {
			c.found("I1", metadataName(n-1), errors.New("the version is missing"))
		}
		var previous string
		if n := len(b.meta.MetadataLog); n > 0 {
			previous = b.meta.MetadataLog[n-1].MetadataFile
		}
		if want := uriOf(c.s.st.Root(), metadataName(n-1)); n > 1 && previous != want {
			c.found("I1", name, fmt.Errorf("it names %s as the version before, want %s", previous, want))
		}
	}
	return nil
}

// hintedVersion looks for the version that the hint names.
func (c *storeCheck) hintedVersion(ctx context.Context) error {
	n, err := c.s.lostVersion(ctx, c.base.version)
	if n > 0 {
		c.found("I1", metadataName(n), fmt.Errorf("the version is missing, and %s says that it was published", hintName()))
	}
	return err
}

// audit checks I8.
func (c *storeCheck) audit(ctx context.Context) error {
	seq := c.base.seq
	for h := c.base.auditHead; h != (head{}); seq-- {
		c.count("I8", 1)
		r, err := readCommitRecord(ctx, c.s.st, h)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.found("I8", h.path, err)
			return nil // the chain says nothing of what lies before
		}
		path := h.path
		c.reach(path)
		if r.Seq != seq || r.Store != c.s.id.String() {
			c.found("I8", path, fmt.Errorf("it is of commit %d of store %s, want commit %d of this store", r.Seq, r.Store, seq))
		}
		for _, m := range r.Manifests {
			c.hashes[m.Path] = m
		}
		var files, rows, size int64
		for _, f := range r.Added {
			if _, ok := c.records[f.Path]; ok {
				c.found("I8", path, fmt.Errorf("file %s was added by another commit", f.Path))
			}
			c.records[f.Path] = f
			files, rows, size = files+1, rows+f.Rows, size+f.Size
		}
		if files != r.Files || rows != r.Rows || size != r.Bytes {
			c.found("I8", path, errors.New("its sums are not those of its files"))
		}
		if h, err = parseHead(r.Prev); err != nil {
			c.found("I8", path, err)
			return nil
		}
	}
	if seq != -1 {
		c.found("I8", auditDir, fmt.Errorf("the chain ends before commit %d", seq))
	}
	return c.laterCommits(ctx)
}

// laterCommits looks for records of commits that were made on top of commits behind the newest. A writer
// that was killed leaves a record of the next commit; that of the one behind it is only written once the
// next is published, so that the store was put back to what it was before.
func (c *storeCheck) laterCommits(ctx context.Context) error {
	for fi, err := range c.s.st.List(ctx, auditDir) {
		if err != nil {
			return err
		}
		seq, _, ok := parseAuditName(fi.Name)
		if !ok || seq <= c.base.seq+1 {
			continue
		}
		now, err := c.s.newest(ctx)
		if err != nil {
			return err
		}
		if seq > now.seq+1 { // else it was made while this check ran
			c.found("I8", fi.Name, fmt.Errorf("it was made on top of commit %d, and the newest commit is %d: the store was put back to what it was before", seq-1, now.seq))
		}
	}
	return nil
}

// snapshots checks I2 for manifests and I3 for summaries, of every retained snapshot.
func (c *storeCheck) snapshots(ctx context.Context) error {
	for _, snap := range c.base.meta.Snapshots {
		if err := c.snapshot(ctx, &snap); err != nil {
			return err
		}
	}
	return nil
}

func (c *storeCheck) snapshot(ctx context.Context, snap *table.Snapshot) error {
	root := c.s.st.Root()
	name, err := nameOf(root, snap.ManifestList)
	if err != nil {
		c.found("I2", metadataName(c.base.version), err)
		return nil
	}
	c.reach(name)
	if ok, err := c.recorded(ctx, name); !ok {
		return err
	}
	_, list, err := c.s.listManifests(ctx, c.s.st, snap.ManifestList, "")
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.found("I2", name, err)
		return nil
	}
	sound := true
	for _, m := range list {
		mname, err := nameOf(root, m.FilePath())
		if err != nil {
			c.found("I2", name, err)
			continue
		}
		ok, known := c.manifests[mname]
		if !known {
			c.reach(mname)
			if ok, err = c.recorded(ctx, mname); err != nil {
				return err
			}
			c.manifests[mname] = ok
		}
		sound = sound && ok
	}
	if !sound {
		return nil // which is a problem already
	}
	files, _, err := c.s.liveFiles(ctx, c.base.meta, snap)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.found("I3", name, err)
		return nil
	}
	if err := checkTotals(snap, files); err != nil {
		c.found("I3", metadataName(c.base.version), fmt.Errorf("snapshot %d: %w", snap.SnapshotID, err))
	}
	for i, f := range files {
		fname, err := nameOf(root, f.URI)
		if err != nil {
			c.found("I2", name, err)
			continue
		}
		if i > 0 && files[i-1].URI == f.URI {
			c.found("I3", fname, fmt.Errorf("snapshot %d lists it twice", snap.SnapshotID))
		}
		c.reach(fname)
		c.files[fname] = f
	}
	return nil
}

// recorded checks that a manifest or a list of them is as its commit wrote it.
func (c *storeCheck) recorded(ctx context.Context, name string) (bool, error) {
	c.count("I2", 1)
	h, ok := c.hashes[name]
	if !ok {
		c.found("I8", name, errors.New("no commit record names the file"))
		return true, nil
	}
	_, err := getHashed(ctx, c.s.st, head{name, h.SHA256})
	if err != nil && ctx.Err() == nil {
		c.found("I2", name, err)
	}
	return err == nil, ctx.Err()
}

// size checks that a file is there, as large as recorded.
func (c *storeCheck) size(ctx context.Context, name string, want int64) bool {
	c.count("I2", 1)
	fi, err := c.s.st.Stat(ctx, name)
	if err == nil && fi.Size != want {
		err = fmt.Errorf("it has %d bytes, want %d", fi.Size, want)
	}
	if err != nil {
		c.found("I2", name, err)
	}
	return err == nil
}

// dataFiles checks I2, I3 and I7 on every data file. Two at a time: it is reading that
// takes the time.
func (c *storeCheck) dataFiles(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	var mu sync.Mutex
	var done int64
	for name, f := range c.files {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			err := c.dataFile(ctx, name, f)
			if c.o.Progress != nil {
				mu.Lock()
				defer mu.Unlock()
				done++
				c.o.Progress(done, int64(len(c.files)))
			}
			return err
		})
	}
	return g.Wait()
}

func (c *storeCheck) dataFile(ctx context.Context, name string, f DataFile) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r, ok := c.records[name]
	if !ok {
		c.found("I8", name, errors.New("no commit record names the file"))
	} else if r.Size != f.Bytes || r.Rows != f.Rows {
		c.found("I3", name, fmt.Errorf("the manifest says %d rows in %d bytes, the commit record %d rows in %d bytes", f.Rows, f.Bytes, r.Rows, r.Size))
	}
	if !c.size(ctx, name, f.Bytes) {
		return nil
	}
	c.count("I3", 1)
	ft, err := readFooter(ctx, c.s.st, name)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.found("I3", name, err)
		return nil
	}
	if err := ft.matches(f); err != nil {
		c.found("I3", name, err)
	}
	c.count("I7", 1)
	day, _, ok := parseDataName(name)
	if !ok || day != f.Day || DayOf(ft.min) != day || DayOf(ft.max) != day {
		c.found("I7", name, fmt.Errorf("partition %s holds events of %s to %s", f.Day, DayOf(ft.min), DayOf(ft.max)))
	}
	if !c.o.Deep {
		return nil
	}
	events, err := c.deep(ctx, name, f, r.SHA256)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.found("I2", name, err)
		return nil
	}
	if events != r.Multiset {
		c.found("I6", name, fmt.Errorf("its events have multiset %s, the commit record says %s", events, r.Multiset))
	}
	return nil
}

// deep reads a data file to its end.
func (c *storeCheck) deep(ctx context.Context, name string, f DataFile, sha string) (_ Multiset, err error) {
	in, err := c.s.st.Open(ctx, name)
	if err != nil {
		return Multiset{}, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := checkHash(in, sha); err != nil {
		return Multiset{}, err
	}
	return checkEvents(ctx, in, f)
}

// checkHash reads r to its end. Data and quarantine files may be larger than memory.
func checkHash(r io.Reader, want string) error {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("it has sha256 %s, want %s", got, want)
	}
	return nil
}

// checkEvents reads the event times of a file and returns the hash of its events.
func checkEvents(ctx context.Context, in File, f DataFile) (Multiset, error) {
	pr, err := file.NewParquetReader(in)
	if err != nil {
		return Multiset{}, err
	}
	columns := make([]int, len(multisetColumns))
	for i, name := range multisetColumns {
		columns[i] = pr.MetaData().Schema.ColumnIndexByName(name)
	}
	rd, err := pqarrow.NewFileReader(pr, pqarrow.ArrowReadProperties{BatchSize: rowsAtOnce(pr.MetaData(), columns, 1<<16)}, memory.DefaultAllocator)
	if err != nil {
		return Multiset{}, err
	}
	records, err := rd.GetRecordReader(ctx, columns, nil)
	if err != nil {
		return Multiset{}, err
	}
	defer records.Release()
	var n int64
	var events Multiset
	for records.Next() {
		rec := records.RecordBatch()
		times, ok := rec.Column(rec.Schema().FieldIndices(schema.ColEventTime)[0]).(*array.Timestamp)
		if !ok || times.NullN() > 0 {
			return Multiset{}, errors.New("rows lack an event time")
		}
		for i := range times.Len() {
			if d := DayOf(int64(times.Value(i))); d != f.Day {
				return Multiset{}, fmt.Errorf("row %d is of %s, the file is of %s", n+int64(i), d, f.Day)
			}
		}
		n += int64(times.Len())
		m, err := MultisetOf(rec)
		if err != nil {
			return Multiset{}, err
		}
		events.Add(m)
	}
	if err := records.Err(); err != nil {
		return Multiset{}, err
	}
	if n != f.Rows {
		return Multiset{}, fmt.Errorf("it holds %d rows, the manifest says %d", n, f.Rows)
	}
	return events, nil
}
