package custody

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"traillake/lake/digest"
	"traillake/lake/source"
)

// Options says what is checked.
type Options struct {
	// Keys returns the public keys for digests of these regions that end between two times.
	Keys func(ctx context.Context, regions []string, from, to time.Time) (*digest.Keys, error)
	// From and To bound the time of delivery: From ≤ time ≤ To, as those of validate-logs.
	// Zero means no bound.
	From, To time.Time
	// Accounts and Regions are those of the logs; empty means any.
	Accounts, Regions []string
	// ByChain has the signature checked of digests only that no valid later one names with
	// their hash and signature: see digest.Checked.Follow. Of a whole chain that is the newest.
	ByChain bool
	// Workers is how many files are read at once; 0 means two for each processor.
	Workers int
	// Progress, if not nil, is called from one goroutine at a time, often.
	Progress func(Progress)
}

// Progress is how far a check has come.
type Progress struct{ Digests, Logs int64 }

// spill is how much later than asked for a digest may end: it lists what was delivered in
// the hour before (validate-logs does the same).
const spill = time.Hour

// id is where an object of a source lies.
type id struct{ bucket, key string }

// trail is a trail's digests of one account and region.
type trail struct {
	bucket, prefix string // what comes before the account in keys
	name           digest.Name
	standard       []*digest.Checked // by end
	backfill       []*digest.Checked // by end
	chain          digest.Chain
	backfillChain  digest.Chain
	unsigned       []Interval
	from, to       time.Time // bounds of the standard digests that are valid
}

// sort puts the digests in their order.
func (t *trail) sort() {
	for _, list := range [][]*digest.Checked{t.standard, t.backfill} {
		slices.SortFunc(list, func(a, b *digest.Checked) int {
			return cmp.Or(a.Name.End.Compare(b.Name.End), strings.Compare(a.At.Key, b.At.Key), strings.Compare(a.At.Bucket, b.At.Bucket))
		})
	}
}

// chains are the digests of a source, checked.
type chains struct {
	src     source.Source
	digests source.Digests
	o       Options
	since   time.Time // digests that end before are not read, if they were not led to
	trails  []*trail
	// mu guards found, broken and unread, which grow while chains lead to digests that were not listed.
	mu    sync.Mutex
	found map[id]*digest.Checked
	// broken are digests that could not be read, and unread their names, where others have them.
	broken map[id]error
	unread map[digest.Ref]bool
}

// load reads and checks the digests of src that end at since or later. A source that can have
// none has none.
func load(ctx context.Context, src source.Source, o Options, since time.Time) (*chains, error) {
	if o.Workers <= 0 {
		o.Workers = 2 * runtime.GOMAXPROCS(0)
	}
	c := &chains{src: src, o: o, since: since, found: make(map[id]*digest.Checked), broken: make(map[id]error), unread: make(map[digest.Ref]bool)}
	c.digests, _ = src.(source.Digests)
	if c.digests == nil {
		return c, nil
	}
	if err := c.read(ctx); err != nil {
		return nil, fmt.Errorf("read digests: %w", err)
	}
	c.group()
	keys, err := c.keys(ctx)
	if err != nil {
		return nil, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Workers)
	for _, t := range c.trails {
		g.Go(func() error {
			for _, list := range []*[]*digest.Checked{&t.standard, &t.backfill} {
				digest.Complete(*list)
				var later *digest.Checked
				for _, d := range slices.Backward(*list) {
					if o.ByChain {
						d.Follow(later, keys)
					} else {
						d.Verify(keys)
					}
					later = d
				}
			}
			return gctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("check digests: %w", err)
	}
	for _, d := range c.found { // whose signature no other tells
		if d.NoMetadata != nil && d.Invalid == nil && !d.Verified {
			d.Invalid = d.NoMetadata
		}
	}
	// One after the other: a chain may lead into the digests of another bucket, and marks them.
	for _, t := range c.trails {
		t.chain = digest.Walk(t.standard, o.From, c.finder(ctx, t, keys))
		t.backfillChain = digest.Walk(t.backfill, o.From, c.finder(ctx, t, keys))
		for _, chain := range []*digest.Chain{&t.chain, &t.backfillChain} {
			chain.Missing = slices.DeleteFunc(chain.Missing, func(m digest.Missing) bool { return c.unread[m.Ref] })
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("check digests: %w", err)
		}
	}
	for _, t := range c.trails { // the walks may have found more
		t.sort()
	}
	return c, nil
}

func at(o source.Object) digest.Ref {
	if o.Bucket == "" {
		return digest.Ref{Key: filepath.ToSlash(o.Key)}
	}
	return digest.Ref{Bucket: o.Bucket, Key: o.Key}
}

func idOf(r digest.Ref) id {
	if r.Bucket == "" {
		return id{key: filepath.FromSlash(r.Key)}
	}
	return id{r.Bucket, r.Key}
}

// wanted reports whether the digest is to be read.
func (c *chains) wanted(n digest.Name) bool {
	o := c.o
	return (len(o.Accounts) == 0 || slices.Contains(o.Accounts, n.Account)) &&
		(len(o.Regions) == 0 || slices.Contains(o.Regions, n.Region)) &&
		!n.End.Before(c.since) && (o.To.IsZero() || !n.End.After(o.To.Add(spill)))
}

func (c *chains) read(ctx context.Context) error {
	objects := make(chan source.Object)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(objects)
		for obj, err := range c.digests.ListDigests(ctx, c.since) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				c.unreadable(obj, err)
				continue
			}
			name, ok := digest.ParseName(at(obj).Key)
			if !ok || !c.wanted(name) {
				continue
			}
			select {
			case objects <- obj:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return ctx.Err()
	})
	for range c.o.Workers {
		g.Go(func() error {
			for obj := range objects {
				if _, err := c.open(ctx, obj); err != nil {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					c.unreadable(obj, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (c *chains) unreadable(obj source.Object, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken[id{obj.Bucket, obj.Key}] = err
}

// open reads a digest; its signature is not checked yet.
func (c *chains) open(ctx context.Context, obj source.Object) (*digest.Checked, error) {
	stored, metadata, err := c.digests.ReadDigest(ctx, obj)
	var noMetadata *digest.Invalid
	if err != nil && !errors.As(err, &noMetadata) {
		return nil, err
	}
	d := digest.Open(at(obj), stored, metadata)
	d.NoMetadata = noMetadata
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found[id{obj.Bucket, obj.Key}] = d
	if c.o.Progress != nil {
		c.o.Progress(Progress{Digests: int64(len(c.found))})
	}
	return d, nil
}

// group puts the digests together by trail, account and region.
func (c *chains) group() {
	type group struct{ bucket, prefix, account, region, trail, home string }
	trails := make(map[group]*trail)
	for _, d := range c.found {
		n := d.Name
		prefix := path.Dir(d.At.Key)
		if before, _, ok := cutLast(d.At.Key, n.Account+"/"+string(source.Digest)+"/"); ok {
			prefix = before
		}
		k := group{d.At.Bucket, prefix, n.Account, n.Region, n.Trail, n.HomeRegion}
		t := trails[k]
		if t == nil {
			t = &trail{bucket: d.At.Bucket, prefix: prefix, name: n}
			t.name.End, t.name.Backfill = time.Time{}, false
			trails[k] = t
			c.trails = append(c.trails, t)
		}
		if n.Backfill {
			t.backfill = append(t.backfill, d)
		} else {
			t.standard = append(t.standard, d)
		}
	}
	for _, t := range c.trails {
		t.sort()
	}
	slices.SortFunc(c.trails, func(a, b *trail) int {
		return cmp.Or(strings.Compare(a.bucket, b.bucket), strings.Compare(a.prefix, b.prefix), strings.Compare(a.name.Account, b.name.Account),
			strings.Compare(a.name.Region, b.name.Region), strings.Compare(a.name.Trail, b.name.Trail), strings.Compare(a.name.HomeRegion, b.name.HomeRegion))
	})
}

// cutLast is strings.Cut at the last place.
func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// keys asks for the public keys that the digests need.
func (c *chains) keys(ctx context.Context) (*digest.Keys, error) {
	var regions []string
	var from, to time.Time
	for _, t := range c.trails {
		if !slices.Contains(regions, t.name.Region) {
			regions = append(regions, t.name.Region)
		}
		for _, d := range slices.Concat(t.standard, t.backfill) {
			if from.IsZero() || d.Name.End.Before(from) {
				from = d.Name.End
			}
			if d.Name.End.After(to) {
				to = d.Name.End
			}
		}
	}
	if len(regions) == 0 {
		return &digest.Keys{}, nil
	}
	slices.Sort(regions)
	return c.o.Keys(ctx, regions, from, to.Add(2*spill))
}

// finder leads a walk from digest to digest, also to ones that were not listed: in another
// bucket, or beside the part of a bucket that was.
func (c *chains) finder(ctx context.Context, t *trail, keys *digest.Keys) func(*digest.Checked, digest.Ref) *digest.Checked {
	return func(by *digest.Checked, r digest.Ref) *digest.Checked {
		place, ok := by.Beside(r)
		if !ok {
			return nil
		}
		key := idOf(place)
		c.mu.Lock()
		d, broken := c.found[key], c.broken[key]
		c.mu.Unlock()
		name, ok := digest.ParseName(r.Key)
		if d != nil || !ok || name.End.Before(c.o.From) {
			return d
		}
		untold := func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.unread[r] = true
		}
		if broken != nil {
			untold()
			return nil
		}
		obj, err := c.digests.Stat(ctx, source.Object{Bucket: key.bucket, Key: key.key})
		if err == nil {
			d, err = c.open(ctx, obj)
		}
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
				c.unreadable(obj, err)
				untold()
			}
			return nil
		}
		if d.Signature == "" && d.Invalid == nil {
			d.Signature = by.File.Previous.Signature
		}
		d.Verify(keys)
		if name.Backfill {
			t.backfill = append(t.backfill, d)
		} else {
			t.standard = append(t.standard, d)
		}
		return d
	}
}

// said yields what the digests of all trails say of logs, trail by trail, and where these lie.
func (c *chains) said() iter.Seq2[id, said] {
	return func(yield func(id, said) bool) {
		for _, t := range c.trails {
			for _, d := range slices.Concat(t.standard, t.backfill) {
				if d.File == nil || d.Ref() != d.File.At {
					continue
				}
				for _, l := range d.File.Logs {
					place, ok := d.Beside(l.Ref)
					if !ok {
						place = l.Ref // is found nowhere
					}
					if !yield(idOf(place), said{l, d}) {
						return
					}
				}
			}
		}
	}
}

// said is what a digest says of a log.
type said struct {
	log digest.Log
	by  *digest.Checked // valid or not
}
