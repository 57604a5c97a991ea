// Package stretch counts with parts of files: which are wanted, which are there, and which
// are so close together that they are better read as one.
package stretch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Stretch is a part of a file: Length bytes from byte At on.
type Stretch struct{ At, Length int64 }

// End returns the byte behind the last.
func (s Stretch) End() int64 { return s.At + s.Length }

// String writes it as "offset+length".
func (s Stretch) String() string {
	return strconv.FormatInt(s.At, 10) + "+" + strconv.FormatInt(s.Length, 10)
}

// Parse reads what String writes. Neither number is negative, nor is their sum.
func Parse(text string) (Stretch, error) {
	at, length, _ := strings.Cut(text, "+")
	a, err := strconv.ParseInt(at, 10, 64)
	l, lengthErr := strconv.ParseInt(length, 10, 64)
	if err != nil || lengthErr != nil || a < 0 || l < 0 || a+l < 0 {
		return Stretch{}, fmt.Errorf("%q is not a part of a file", text)
	}
	return Stretch{a, l}, nil
}

// Set is stretches in order of which no two touch and none is empty. A nil Set is empty.
type Set []Stretch

// Of returns the set of all bytes of the stretches, which may overlap.
func Of(list ...Stretch) Set { return join(slices.Clone(list), 0) }

// And returns the set of the bytes of both.
func (s Set) And(t Set) Set { return join(slices.Concat(s, t), 0) }

// Near returns the set with all gaps closed that have at most so many bytes.
func (s Set) Near(gap int64) Set { return join(slices.Clone(s), gap) }

// join orders stretches and joins those that have at most gap bytes between them.
func join(list []Stretch, gap int64) Set {
	list = slices.DeleteFunc(list, func(p Stretch) bool { return p.Length <= 0 })
	slices.SortFunc(list, func(a, b Stretch) int { return cmp.Compare(a.At, b.At) })
	var out Set
	for _, p := range list {
		if n := len(out); n > 0 && p.At-out[n-1].End() <= gap {
			out[n-1].Length = max(out[n-1].End(), p.End()) - out[n-1].At
			continue
		}
		out = append(out, p)
	}
	return out
}

// Without returns the bytes of s that are not in t.
func (s Set) Without(t Set) Set {
	var out Set
	for _, p := range s {
		for _, q := range t {
			if q.End() <= p.At {
				continue
			}
			if q.At >= p.End() {
				break
			}
			if q.At > p.At {
				out = append(out, Stretch{p.At, q.At - p.At})
			}
			p = Stretch{q.End(), max(0, p.End()-q.End())}
		}
		if p.Length > 0 {
			out = append(out, p)
		}
	}
	return out
}

// Holds reports whether every byte of p is in s.
func (s Set) Holds(p Stretch) bool { return len(Of(p).Without(s)) == 0 }

// Bytes is how many bytes the set has.
func (s Set) Bytes() (n int64) {
	for _, p := range s {
		n += p.Length
	}
	return n
}
