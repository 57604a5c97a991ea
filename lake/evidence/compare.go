package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"traillake/internal/ctxread"
	"traillake/lake"
	"traillake/lake/source"
)

// compareLake hashes the files of a copy of the lake.
func (v *verifier) compareLake(ctx context.Context, st *Statement, files map[string]lake.StoredFile) error {
	c := &Compared{}
	v.result.Lake = c
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(v.o.Workers)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error {
			out, detail, err := v.lakeFile(gctx, files[name])
			if err == nil {
				v.found(c, InLake, name, out, detail)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	versions := make(map[string]int) // of the statement, by folder of the store
	for _, s := range st.Stores {
		if dir, n, ok := lake.ParseVersion(s.Heads.Metadata.Path); ok {
			versions[dir] = n
		}
	}
	for fi, err := range lake.ListFiles(ctx, v.o.Lake) {
		if err != nil {
			return err
		}
		if _, ok := files[fi.Name]; ok {
			continue
		}
		detail := ""
		if dir, n, ok := lake.ParseVersion(fi.Name); ok && n > versions[dir] {
			detail = "a later commit, of which the statement knows nothing: who opens this lake sees that one"
		}
		v.found(c, InLake, fi.Name, NotListed, detail)
	}
	return ctx.Err()
}

// lakeFile compares a file with what the statement says of it. The error is for one that
// nothing can be said of.
func (v *verifier) lakeFile(ctx context.Context, f lake.StoredFile) (Outcome, string, error) {
	fi, err := v.o.Lake.Stat(ctx, f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Missing, "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", f.Path, err)
	}
	if fi.Size != f.Size {
		return Changed, fmt.Sprintf("it has %d bytes, and had %d", fi.Size, f.Size), nil
	}
	in, err := v.o.Lake.Open(ctx, f.Path)
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", f.Path, err)
	}
	sum, n, err := hash(ctx, in)
	if err = errors.Join(err, in.Close()); err != nil {
		return "", "", fmt.Errorf("read %s: %w", f.Path, err)
	}
	if n != f.Size || sum != f.SHA256 {
		return Changed, fmt.Sprintf("it has sha256 %s, and had %s", sum, f.SHA256), nil
	}
	return Same, "", nil
}

func hash(ctx context.Context, r io.Reader) (sum string, n int64, err error) {
	h := sha256.New()
	n, err = io.Copy(h, ctxread.New(ctx, r))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// catalogue knows the source objects by the last part of their keys, with about 100 bytes for
// each. A copy may lie anywhere; CloudTrail's file names tell log files apart, and where others
// do not, the content does.
type catalogue struct {
	entries []entry
	first   map[[16]byte]int32 // by name; -1 ends a list
}

type entry struct {
	sum    [sha256.Size]byte
	place  [8]byte // a hash of the bucket and the whole key
	next   int32
	hashed bool
	state  Outcome // empty while nothing was found
}

func nameKey(key string) [16]byte {
	sum := sha256.Sum256([]byte(path.Base(filepath.ToSlash(key))))
	return [16]byte(sum[:16])
}

func placeKey(o object) [8]byte {
	sum := sha256.Sum256([]byte(o.String()))
	return [8]byte(sum[:8])
}

func (c *catalogue) add(o object) error {
	if len(c.entries) == 1<<31-1 {
		return fmt.Errorf("there are more than %d objects", len(c.entries))
	}
	k := nameKey(o.key)
	next, ok := c.first[k]
	if !ok {
		next = -1
	}
	e := entry{place: placeKey(o), next: next, hashed: o.sha256 != ""}
	if e.hashed {
		if _, err := hex.Decode(e.sum[:], []byte(o.sha256)); err != nil {
			return err
		}
	}
	c.first[k] = int32(len(c.entries))
	c.entries = append(c.entries, e)
	return nil
}

// streamKey is the key of what came through standard input.
const streamKey = "-"

// named returns the entries with the name of a key.
func (c *catalogue) named(key string) (list []*entry) {
	i, ok := c.first[nameKey(key)]
	for ok && i >= 0 {
		list = append(list, &c.entries[i])
		i = c.entries[i].next
	}
	return list
}

// outcome returns what became of an object for whose entry nothing was found. One that two
// stores ingested has two entries, and may have been found for the other.
func (c *catalogue) outcome(o object, e *entry) Outcome {
	for _, twin := range c.named(o.key) {
		if twin.state != "" && twin.place == e.place && twin.sum == e.sum {
			return twin.state
		}
	}
	if o.bucket == "" && o.key == streamKey {
		return Stream
	}
	return Missing
}

// take decides which entry an object with a hash is, and what became of it. Of several with
// the name it is the one with its content; else, one that nothing was found for.
func (c *catalogue) take(key, sum string) Outcome {
	raw, err := hex.DecodeString(sum)
	if err != nil {
		panic("BUG: " + sum + " is no hash")
	}
	list := c.named(key)
	var same, other *entry
	for _, e := range list {
		switch {
		case e.hashed && string(e.sum[:]) == string(raw):
			if same == nil || e.state != Same {
				same = e
			}
		case e.state == "":
			other = e
		}
	}
	switch {
	case same != nil:
		same.state = Same
		return Same
	case len(list) == 0, key == streamKey: // another stream is none that has changed
		return NotListed
	case other == nil: // all that there were have been found
		return NotListed
	case !other.hashed:
		other.state = Unknown
		return Unknown
	default:
		other.state = Changed
		return Changed
	}
}

// compareSources hashes the source objects that there are.
func (v *verifier) compareSources(ctx context.Context) error {
	c := &Compared{}
	v.result.Sources = c
	cat := &catalogue{first: make(map[[16]byte]int32)}
	each := func(found func(object) error) error {
		f, err := v.open(ObjectsName)
		if err != nil {
			return err
		}
		defer f.Close()
		return readObjects(f, found)
	}
	if err := each(cat.add); err != nil {
		return err
	}
	if err := v.hashSources(ctx, c, cat); err != nil {
		return err
	}
	// What is not there; the rows come in the order of the entries.
	i := 0
	return each(func(o object) error {
		if i >= len(cat.entries) {
			return fmt.Errorf("%s has changed while it was read", ObjectsName)
		}
		if e := &cat.entries[i]; e.state == "" {
			v.found(c, InSources, o.String(), cat.outcome(o, e), "")
		}
		i++
		return ctx.Err()
	})
}

// hashSources looks at every object that the sources list.
func (v *verifier) hashSources(ctx context.Context, c *Compared, cat *catalogue) error {
	objects := make(chan source.Object)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(objects)
		for obj, err := range v.o.Sources.List(ctx) {
			var leftOut *source.LeftOut
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.As(err, &leftOut):
				continue
			case err != nil:
				return err
			}
			select {
			case objects <- obj:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return ctx.Err()
	})
	for range v.o.Workers {
		g.Go(func() error {
			for obj := range objects {
				if err := v.sourceObject(ctx, c, cat, obj); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (v *verifier) sourceObject(ctx context.Context, c *Compared, cat *catalogue, obj source.Object) error {
	name := object{bucket: obj.Bucket, key: obj.Key}.String()
	if len(cat.named(obj.Key)) == 0 { // the map does not change any more
		v.found(c, InSources, name, NotListed, "")
		return nil
	}
	in, err := v.o.Sources.Open(ctx, obj)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed since it was listed: it is missing
	}
	if err != nil {
		return err
	}
	sum, _, err := hash(ctx, in)
	if err = errors.Join(err, in.Close()); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	v.mu.Lock()
	out := cat.take(obj.Key, sum)
	v.mu.Unlock()
	detail := ""
	if out == Changed {
		detail = "it has sha256 " + sum + ", which " + ObjectsName + " does not list for this name"
	}
	v.found(c, InSources, name, out, detail)
	return nil
}
