package stretch

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// draw returns stretches of a file of 64 bytes, and which bytes they have.
func draw(t *rapid.T, name string) (list []Stretch, bits uint64) {
	for range rapid.IntRange(0, 6).Draw(t, name) {
		at := rapid.Int64Range(0, 63).Draw(t, "at")
		s := Stretch{at, rapid.Int64Range(0, 64-at).Draw(t, "length")}
		list = append(list, s)
		for i := s.At; i < s.End(); i++ {
			bits |= 1 << i
		}
	}
	return list, bits
}

// bitsOf returns which bytes a set has, and fails where it is no set.
func bitsOf(t *rapid.T, s Set) (bits uint64) {
	for k, p := range s {
		if p.Length <= 0 || k > 0 && p.At <= s[k-1].End() {
			t.Fatalf("%v is no set", s)
		}
		for i := p.At; i < p.End(); i++ {
			bits |= 1 << i
		}
	}
	return bits
}

// TestSets compares with sets of bits.
func TestSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		aList, a := draw(t, "a")
		bList, b := draw(t, "b")
		s, u := Of(aList...), Of(bList...)
		one, _ := draw(t, "one")
		for _, c := range []struct {
			name string
			got  Set
			want uint64
		}{{"of", s, a}, {"and", s.And(u), a | b}, {"without", s.Without(u), a &^ b}} {
			if got := bitsOf(t, c.got); got != c.want {
				t.Fatalf("%s: %v of %v and %v", c.name, c.got, s, u)
			}
		}
		n := 0
		for i := range 64 {
			n += int(a >> i & 1)
		}
		if s.Bytes() != int64(n) {
			t.Fatalf("%v has %d bytes", s, s.Bytes())
		}
		for _, p := range one {
			if got, want := s.Holds(p), bitsOf(t, Of(p))&^a == 0; got != want {
				t.Fatalf("%v holds %v: %v", s, p, got)
			}
		}
		gap := rapid.Int64Range(0, 10).Draw(t, "gap")
		near := s.Near(gap)
		if bitsOf(t, near)&a != a {
			t.Fatalf("%v lost bytes of %v", near, s)
		}
		for i := range near[:max(0, len(near)-1)] {
			if near[i+1].At-near[i].End() <= gap {
				t.Fatalf("%v has gaps of %d or less", near, gap)
			}
		}
		for _, p := range near.Without(s) {
			if p.Length > gap {
				t.Fatalf("%v closed a gap of %d", near, p.Length)
			}
		}
	})
}

func TestParse(t *testing.T) {
	for _, s := range []Stretch{{}, {5, 0}, {12, 1 << 40}} {
		if got, err := Parse(s.String()); err != nil || got != s {
			t.Errorf("%v: %v, error %v", s, got, err)
		}
	}
	for _, text := range []string{"", "5", "+", "5+", "+5", "-1+5", "5+-1", "5+6+7", "9223372036854775807+1", fmt.Sprint(1<<62, "+", 1<<62)} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
