package digest

import (
	"slices"
	"time"
)

// Gap is a time between two chains of one trail, in which CloudTrail made no digests: the
// trail was stopped, or deleted and made anew, or did not validate its logs.
type Gap struct{ From, To time.Time }

// Missing is a digest that another one names and that is not there.
type Missing struct {
	Ref
	// Elsewhere is set when it would lie in another bucket than the digest that names it,
	// one that may not be part of what was searched.
	Elsewhere bool
}

// Chain is what walking the digests of one trail, account and region gives.
type Chain struct {
	// Missing are the digests that others name and that are not there.
	Missing []Missing
	// Gaps lie between chains, newest first.
	Gaps []Gap
}

// Walk follows the chain through the digests of one trail, account and region, all of them
// backfill digests or none, from the newest to the oldest, as validate-logs does. Digests
// that it finds at fault beyond their own signature get an Invalid. It does not look for
// digests that end before from; the zero time means no bound.
//
// Find returns the digest that a reference leads to, or nil.
func Walk(digests []*Checked, from time.Time, find func(by *Checked, r Ref) *Checked) Chain {
	sorted := slices.Clone(digests)
	slices.SortStableFunc(sorted, func(a, b *Checked) int { return a.Name.End.Compare(b.Name.End) })
	var chain Chain
	visited := make(map[*Checked]bool, len(sorted))
	// before takes the newest digest that ends before a time off the list, as validate-logs
	// goes on where the chain does not lead.
	rest := sorted
	before := func(t time.Time) *Checked {
		for len(rest) > 0 {
			c := rest[len(rest)-1]
			rest = rest[:len(rest)-1]
			if c.Name.End.Before(t) && !visited[c] {
				return c
			}
		}
		return nil
	}
	var cur *Checked
	if n := len(rest); n > 0 {
		cur, rest = rest[n-1], rest[:n-1]
	}
	for cur != nil {
		visited[cur] = true
		if cur.File == nil || cur.Invalid != nil && cur.Invalid.Reason != NotNamed {
			cur = before(cur.Name.End)
			continue
		}
		p := cur.File.Previous
		if p == nil {
			older := before(cur.Name.End)
			if older != nil {
				chain.Gaps = append(chain.Gaps, Gap{From: older.end(), To: cur.File.Start})
			}
			cur = older
			continue
		}
		next := find(cur, p.Ref)
		if next != nil && visited[next] {
			next = nil // a circle, which no valid chain has
		}
		if next == nil {
			name, ok := ParseName(p.Key)
			if !ok || !name.End.Before(from) {
				chain.Missing = append(chain.Missing, Missing{Ref: p.Ref, Elsewhere: p.Bucket != cur.File.At.Bucket})
			}
			end := cur.Name.End
			if ok && name.End.Before(end) {
				end = name.End
			}
			cur = before(end)
			continue
		}
		if cur.Verified && next.Valid() && (next.SHA256 != p.SHA256 || next.Signature != p.Signature) {
			// What it says of the one before is signed all the same, so the walk goes on.
			next.Invalid = &Invalid{Reason: NotNamed}
		}
		cur = next
	}
	for _, c := range sorted {
		if !visited[c] && c.Valid() {
			c.Invalid = &Invalid{Reason: OffChain}
		}
	}
	return chain
}

// end is when the period of a digest ends, by its name where its text cannot be read.
func (c *Checked) end() time.Time {
	if c.File != nil {
		return c.File.End
	}
	return c.Name.End
}
