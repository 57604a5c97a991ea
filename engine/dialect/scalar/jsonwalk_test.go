package scalar

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plainSkipString looks at one byte at a time.
func plainSkipString(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// plainCompact takes all blanks outside of strings out.
func plainCompact(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '"' {
			end := plainSkipString(v, i)
			if end < 0 {
				end = len(v)
			}
			b.WriteString(v[i:end])
			i = end - 1
		} else if !strings.ContainsRune(" \n\t\r", rune(v[i])) || v[i] >= 0x80 {
			b.WriteByte(v[i])
		}
	}
	return b.String()
}

// TestWalkProperty compares what looks at eight bytes at a time with plain loops. The
// bytes beside the quote and the backslash are there because a wrong mask would take
// them for these.
func TestWalkProperty(t *testing.T) {
	letters := []byte{'"', '"', '\\', '!', '#', '[', ']', 'a', ' ', '\n', '{', ':', 0x00, 0x01, 0x80, 0xa2, 0xdc, 0xff, '"' + 1, '\\' + 1}
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.SampledFrom(letters), 0, 60).Draw(t, "text")
		s := `"` + string(raw)
		for i := range s {
			if got, want := skipString(s, i), plainSkipString(s, i); got != want {
				t.Fatalf("string at %d of %q ends at %d, want %d", i, s, got, want)
			}
		}
		if got, want := compact(string(raw)), plainCompact(string(raw)); got != want {
			t.Fatalf("compact(%q) is %q, want %q", raw, got, want)
		}
	})
}

// TestSameKey has keys that differ where an escape could hide it.
func TestSameKey(t *testing.T) {
	for _, tc := range []struct {
		raw, key string
		want     bool
	}{
		{`a`, "a", true}, {`a`, "b", false}, {`ab`, "a", false}, {``, "", true}, {`a`, "", false}, {``, "a", false},
		{`\u0061`, "a", true}, {`\u0061b`, "ab", true}, {`b\u0061`, "ba", true}, {`b\u0061`, "ca", false},
		{`\\`, `\`, true}, {`\\`, `\\`, false}, {`\"`, `"`, true}, {`é`, "é", true}, {`\u00e9`, "é", true}, {`e\u0301`, "é", false},
	} {
		if got := sameKey(tc.raw, tc.key); got != tc.want {
			t.Errorf("key %s is %q: %v", tc.raw, tc.key, got)
		}
	}
}
