package duck

import (
	"strings"
	"testing"

	"traillake/engine"
)

// TestLateFalse says that a statement may name one parameter, that it is false, and that no
// other has a value.
func TestLateFalse(t *testing.T) {
	s := open(t, engine.Sandbox{})
	for range 2 { // the session goes on after an error
		_, got, err := all(t.Context(), s, "SELECT $late AS a, NOT $late AS b, '$late' AS c")
		if err != nil || len(got) != 1 || strings.Join(got[0], " ") != "false true $late" {
			t.Errorf("got %q, error %v", got, err)
		}
		for _, sql := range []string{"SELECT $1", "SELECT ?", "SELECT $other", "SELECT $late, $other"} {
			if _, err := s.Query(t.Context(), sql); err == nil {
				t.Errorf("%s runs", sql)
			}
		}
	}
}
