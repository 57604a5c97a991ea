package hostmemory

import (
	"runtime"
	"testing"
)

func TestMost(t *testing.T) {
	for _, c := range []struct{ want, percent, limit, most int64 }{
		{2 << 30, 50, 0, 2 << 30},
		{2 << 30, 50, 64 << 30, 2 << 30},
		{2000, 50, 1000, 500},
		{2000, 75, 1 << 62, 2000},
	} {
		if got := most(c.want, c.percent, c.limit); got != c.most {
			t.Errorf("most(%d, %d, %d) = %d, want %d", c.want, c.percent, c.limit, got, c.most)
		}
	}
	for _, c := range []struct{ want, limit, most int64 }{
		{2 << 30, 0, 2 << 30},
		{2 << 30, 64 << 30, 2 << 30},
		{2 << 30, 512 << 20, 192 << 20},
		{2 << 30, 256 << 20, 64 << 20},
		{2 << 30, 64 << 20, 32 << 20},
	} {
		if got := forDatabase(c.want, c.limit); got != c.most {
			t.Errorf("forDatabase(%d, %d) = %d, want %d", c.want, c.limit, got, c.most)
		}
	}
	if limit := Limit(); limit < 0 || runtime.GOOS == "linux" && limit < 64<<20 {
		t.Errorf("this process may take %d bytes", limit)
	}
}
