package custody

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"traillake/lake/digest"
)

// gone is a digest that is not there or not valid.
type gone struct {
	id
	by string // the one that names it, or itself
}

// Gone calls f with each digest that a valid one names as the one before it, and that is not there
// or not valid: whoever removes logs and the digest that names them leaves that. Before the first
// day that has a valid digest of a trail, and on it, it is mostly time that removed them: S3's lifecycle
// rules let the objects of a day expire together, in no order. A digest of another bucket, one
// that could not be read, and one whose public key is not known are no such digests.
//
// Of digests that are there and that CloudTrail did not make, whether or not another names them, f is
// called with the newest of each run on each day, and by is that digest itself.
func (s *Sums) Gone(f func(bucket, key, by string)) {
	for _, g := range s.gone {
		f(g.bucket, g.key, g.by)
	}
}

// Sound reports whether a digest is there and valid.
func (s *Sums) Sound(bucket, key string) bool {
	_, ok := s.sound[keyOf(bucket, key)]
	return ok
}

// Unread calls f with each digest that could not be read, so that nobody knows what it names, and why.
func (s *Sums) Unread(f func(key string, err error)) {
	for _, u := range s.unread {
		f(u.key, u.err)
	}
}

func (c *chains) gone() (all []gone) {
	told := map[id]bool{}
	for _, t := range c.trails {
		for _, list := range [][]*digest.Checked{t.standard, t.backfill} {
			var oldest time.Time // end of a valid digest
			for _, d := range list {
				if d.Valid() && (oldest.IsZero() || d.Name.End.Before(oldest)) {
					oldest = d.Name.End
				}
			}
			for _, d := range list {
				if d.Valid() && d.File.Previous != nil {
					if k, ok := c.lacks(d, oldest); ok {
						all = append(all, gone{k, d.Ref().String()})
						told[k] = true
					}
				}
			}
			var later *digest.Checked
			for _, d := range slices.Backward(list) {
				known := later != nil && forged(later) && day(later.Name.End).Equal(day(d.Name.End))
				if k := idOf(d.At); forged(d) && !known && !told[k] && !d.Name.End.Before(c.o.From) {
					all = append(all, gone{k, d.At.String()})
				}
				later = d
			}
		}
	}
	return all
}

// forged reports whether the bytes of a digest are not CloudTrail's. Of one without a signature, as
// copies are, of one that lies elsewhere, and of one whose public key is not known nobody can tell.
func forged(d *digest.Checked) bool {
	if d.Invalid == nil {
		return false
	}
	return d.Invalid.Reason == digest.InvalidFormat || d.Invalid.Reason == digest.SignatureFailed && d.Signature != ""
}

// lacks reports whether the digest that d names as the one before it is gone, and where it would lie.
func (c *chains) lacks(d *digest.Checked, oldest time.Time) (id, bool) {
	p := d.File.Previous
	name, ok := digest.ParseName(p.Key)
	if !ok || p.Bucket != d.File.At.Bucket || name.End.Before(c.o.From) || !day(name.End).After(day(oldest)) {
		return id{}, false
	}
	place, ok := d.Beside(p.Ref)
	if !ok {
		return id{}, false
	}
	k := idOf(place)
	if x := c.found[k]; x != nil {
		unsound := x.Invalid != nil && x.Invalid.Reason != digest.KeyNotFound && x.Invalid.Reason != digest.KeyUnreadable
		return k, unsound
	}
	err, ok := c.broken[k]
	return k, !ok || errors.Is(err, fs.ErrNotExist)
}

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
