package chart

import (
	"slices"
	"testing"
)

// TestAxis has lines at 1, 2 or 5 times a power of ten, about five of them, up to the most
// or just above.
func TestAxis(t *testing.T) {
	for _, c := range []struct {
		most  int64
		ticks []int64
	}{
		{0, []int64{0, 1}}, {1, []int64{0, 1}}, {4, []int64{0, 1, 2, 3, 4}}, {5, []int64{0, 2, 4, 6}},
		{20, []int64{0, 5, 10, 15, 20}}, {21, []int64{0, 10, 20, 30}}, {5800, []int64{0, 2000, 4000, 6000}},
	} {
		if end, ticks := axis(c.most); !slices.Equal(ticks, c.ticks) || end != c.ticks[len(c.ticks)-1] {
			t.Errorf("axis(%d) = %d, %v, want %v", c.most, end, ticks, c.ticks)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(1234567), "1,234,567"}, {Count(-1000), "-1,000"}, {Count(-100), "-100"},
		{shortARN("arn:aws:iam::111122223333:role/a:b"), "111122223333 role/a:b"}, {shortARN("root"), "root"},
		{fit("short", 100), "short"}, {fit("0123456789abcdef", textWidth("01234567")), "012…cdef"}, {fit("long", 1), "…"},
		{number(1), "1"}, {number(1.50), "1.5"}, {number(0.126), "0.13"}, {number(100), "100"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for n, want := range map[int64]int{0: 0, 1: 1, 16: 2, 63: 3, 64: 3, 255: 4, 256: 4} {
		if got := shade(n, 256); got != want {
			t.Errorf("shade(%d, 256) = %d, want %d", n, got, want)
		}
	}
}
