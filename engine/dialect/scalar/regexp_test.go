package scalar

import (
	"errors"
	"strings"
	"testing"
)

// TestPatternBounds has patterns that no bound would let end the process, or not end themselves.
func TestPatternBounds(t *testing.T) {
	for pattern, want := range map[string]string{
		strings.Repeat("[", 60_000):                               "more than 200 sets of characters are nested at character 202",
		strings.Repeat("[:", 30_000):                              "more than 200 sets of characters are nested at character 403",
		strings.Repeat("[a", 200) + strings.Repeat("]", 200):      "",
		strings.Repeat("[a", 202) + strings.Repeat("]", 202):      "more than 200 sets of characters are nested at character 403",
		strings.Repeat("[b[a]]", 10_000):                          "",
		strings.Repeat("[", 3_000_000):                            "it has more than 65536 bytes; match with several shorter ones",
		strings.Repeat("a", 64<<10):                               "",
		strings.Repeat("(", 30_000) + strings.Repeat(")", 30_000): "",
	} {
		_, err := call(t, "t_rx_like", "a", pattern)
		if want == "" {
			if err != nil {
				t.Errorf("%.20s…: %v", pattern, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != "INVALID_FUNCTION_ARGUMENT" || !strings.HasSuffix(e.Message, want) {
			t.Errorf("%.20s…: %v, want %s", pattern, err, want)
		} else if len(e.Message) > 1000 {
			t.Errorf("%.20s…: the error has %d bytes", pattern, len(e.Message))
		}
	}
}

// TestFixedPattern has patterns that cannot fail, and those that may take for ever.
func TestFixedPattern(t *testing.T) {
	like := function(t, "t_rx_like")
	for pattern, want := range map[string]bool{
		"a*": true, "a*?b": true, "(?=a)b": true, "(a)*": false, "(": false, "a**b": false, "a+++": false, `\d{1,2}{2}`: false,
	} {
		if got := like.FixedBy([]any{nil, pattern}); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
	}
}

func TestPosixEnd(t *testing.T) {
	for s, want := range map[string]int{"[:alpha:]": 7, "[:alpha]:]": 0, "[:": 0, "[:]": 0, "[::]": 2, "[:a": 0} {
		if got := posixEnd(s); got != want {
			t.Errorf("%s ends at %d, want %d", s, got, want)
		}
	}
}
