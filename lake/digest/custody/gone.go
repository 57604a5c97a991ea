package custody

import (
	"slices"
	"time"

	"traillake/lake/digest"
)

// gone is a digest that a valid one names, and that is not there or not valid.
type gone struct {
	id
	by string // the one that names it
}

// Gone calls f with each digest that a valid one names as the one before it, and that is not there
// or not valid: whoever removes logs and the digest that names them leaves that. Before the first
// day that has a valid digest of a trail, and on it, it is mostly time that removed them: S3's lifecycle
// rules let the objects of a day expire together, in no order. A digest of another bucket, one
// that could not be read, and one whose public key is not known are no such digests.
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

func (c *chains) gone() (all []gone) {
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
					}
				}
			}
		}
	}
	return all
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
	return k, !slices.ContainsFunc(c.broken, func(u unreadable) bool { return u.key == k.key })
}

func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
