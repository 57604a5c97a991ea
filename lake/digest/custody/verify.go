package custody

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"traillake/internal/ctxread"
	"traillake/lake/digest"
	"traillake/lake/source"
)

// Verify checks the digests of src and every log that they name, and looks for logs that
// none names. What is wrong with the files is in the report; the error is about reading
// the source.
func Verify(ctx context.Context, src source.Source, o Options) (*Report, error) {
	c, err := load(ctx, src, o, o.From)
	if err != nil {
		return nil, err
	}
	v := &verifier{chains: c, named: make(map[id]*expected), places: make(map[place][]*trail), outside: make(map[*trail]*Outside), without: make(map[Without]int64)}
	v.expect()
	for _, t := range c.trails {
		t.cover()
		k := place{t.bucket, t.prefix, t.name.Account, t.name.Region}
		v.places[k] = append(v.places[k], t)
		v.outside[t] = &Outside{}
	}
	if err := v.logs(ctx); err != nil {
		return nil, fmt.Errorf("verify logs: %w", err)
	}
	return v.report(), nil
}

// place is where the logs of an account and region are.
type place struct{ bucket, prefix, account, region string }

type verifier struct {
	*chains
	named   map[id]*expected
	places  map[place][]*trail
	outside map[*trail]*Outside
	without map[Without]int64 // by account and region

	// what the listing finds; one goroutine writes it
	unlisted []Finding

	mu   sync.Mutex // guards done and calls of Progress
	done Progress
}

// expected is what digests say of a log.
type expected struct {
	ref    digest.Ref
	sum    string
	by     *digest.Checked // the digest that names it; valid or not
	found  bool            // it was listed
	result *digest.Invalid
	err    error // it could not be read
}

// expect enters what digests say of logs. What valid digests say counts before what others
// say.
func (v *verifier) expect() {
	for k, s := range v.said() {
		if have := v.named[k]; have == nil || !have.by.Valid() && s.by.Valid() {
			v.named[k] = &expected{ref: s.log.Ref, sum: s.log.SHA256, by: s.by}
		}
	}
}

type job struct {
	obj source.Object
	x   *expected
}

func (v *verifier) logs(ctx context.Context) error {
	jobs := make(chan job)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(jobs)
		send := func(j job) error {
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := v.list(ctx, send); err != nil {
			return err
		}
		return v.rest(ctx, send)
	})
	for range v.o.Workers {
		g.Go(func() error {
			var reader digest.LogReader
			for j := range jobs {
				if err := v.log(ctx, &reader, j); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// list sends the logs that digests name as they are listed, and counts the others.
func (v *verifier) list(ctx context.Context, send func(job) error) error {
	for obj, err := range v.src.List(ctx) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var leftOut *source.LeftOut
		if errors.As(err, &leftOut) {
			continue
		}
		x := v.named[id{obj.Bucket, obj.Key}]
		if err != nil {
			if x == nil {
				v.unlisted = append(v.unlisted, Finding{Kind: KindLog, Object: at(obj).String(), Verdict: NotReadable, Detail: err.Error()})
			} else {
				x.found, x.err = true, err
			}
			continue
		}
		if x == nil {
			v.unnamed(obj)
			continue
		}
		if x.found {
			continue
		}
		x.found = true
		if x.by.Valid() {
			if err := send(job{obj, x}); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// rest looks for logs that were named and not listed: they are not there, or not below what
// was listed.
func (v *verifier) rest(ctx context.Context, send func(job) error) error {
	for k, x := range v.named {
		if x.found || !x.by.Valid() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		obj, err := v.digests.Stat(ctx, source.Object{Bucket: k.bucket, Key: k.key})
		switch {
		case errors.Is(err, fs.ErrNotExist):
			x.result = &digest.Invalid{Reason: digest.NotFound}
		case err != nil:
			x.err = err
		default:
			if err := send(job{obj, x}); err != nil {
				return err
			}
		}
	}
	return nil
}

// log compares a log with what a digest says of it.
func (v *verifier) log(ctx context.Context, reader *digest.LogReader, j job) error {
	sum, err := v.hash(ctx, reader, j.obj)
	var invalid *digest.Invalid
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &invalid):
		j.x.result = invalid
	case errors.Is(err, fs.ErrNotExist): // removed since it was listed
		j.x.result = &digest.Invalid{Reason: digest.NotFound}
	case err != nil:
		j.x.err = err
	case !strings.EqualFold(sum, j.x.sum):
		j.x.result = &digest.Invalid{Reason: digest.HashMismatch, Err: fmt.Errorf("its text has sha256 %s, the digest says %s", sum, j.x.sum)}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done.Logs++
	if v.o.Progress != nil {
		v.o.Progress(Progress{Digests: int64(len(v.found)), Logs: v.done.Logs})
	}
	return nil
}

func (v *verifier) hash(ctx context.Context, reader *digest.LogReader, obj source.Object) (sum string, err error) {
	r, err := v.src.Open(ctx, obj)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return reader.Hash(ctxread.New(ctx, r))
}

// unnamed decides what it means that no digest names a log.
func (v *verifier) unnamed(obj source.Object) {
	p := obj.Place
	if !v.chosen(obj) {
		return
	}
	key := filepath.ToSlash(obj.Key)
	prefix, _, _ := cutLast(key, p.Account+"/"+string(p.Kind)+"/")
	trails := v.places[place{obj.Bucket, prefix, p.Account, p.Region}]
	if p.Kind == source.Unknown || len(trails) == 0 {
		v.without[Without{Account: p.Account, Region: p.Region}]++
		return
	}
	delivered, ok := source.DeliveredAt(key)
	if !ok {
		v.outside[trails[0]].Untold++
		return
	}
	// Each trail counts the log where it is not covered. One that covers it is enough.
	covered := false
	for _, t := range trails {
		if t.names(p.Kind) && t.covers(delivered, v.outside[t]) {
			covered = true
		}
	}
	if covered {
		v.unlisted = append(v.unlisted, Finding{
			Kind: KindLog, Account: p.Account, Region: p.Region, Object: at(obj).String(), Verdict: (&digest.Invalid{Reason: digest.Unlisted}).Verdict(),
			Detail: "delivered at " + delivered.Format(time.RFC3339) + ", when valid digests list what was delivered",
		})
	}
}

// names reports whether the trail's digests name any log of a kind: not all kinds of logs
// have digests.
func (t *trail) names(k source.Kind) bool {
	if k == source.Logs {
		return true
	}
	folder := "/" + string(k) + "/"
	for _, d := range t.standard {
		if d.Valid() && slices.ContainsFunc(d.File.Logs, func(l digest.Log) bool { return strings.Contains(l.Key, folder) }) {
			return true
		}
	}
	return false
}

// chosen reports whether the Options ask for a log that no digest names.
func (v *verifier) chosen(obj source.Object) bool {
	if ok, _ := (source.Filter{Accounts: v.o.Accounts, Regions: v.o.Regions}).Match(obj.Place); !ok {
		return false
	}
	if v.o.From.IsZero() && v.o.To.IsZero() {
		return true
	}
	at, ok := source.DeliveredAt(filepath.ToSlash(obj.Key))
	if !ok {
		at = obj.Place.Day
	}
	return !at.IsZero() && !at.Before(v.o.From) && (v.o.To.IsZero() || !at.After(v.o.To))
}
