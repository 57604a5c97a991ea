package duck

import (
	"io"
	"strings"
	"testing"

	"traillake/engine"
)

// TestLateFalse says that a statement may name one parameter, that it is false, and that no
// other has a value.
func TestLateFalse(t *testing.T) {
	s := open(t, engine.Sandbox{})
	for range 2 { // the session goes on after an error
		rows, err := s.Query(t.Context(), "SELECT $late AS a, NOT $late AS b, '$late' AS c")
		if err != nil {
			t.Fatal(err)
		}
		batch, err := rows.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := []string{batch.Column(0).ValueStr(0), batch.Column(1).ValueStr(0), batch.Column(2).ValueStr(0)}; strings.Join(got, " ") != "false true $late" {
			t.Errorf("got %q", got)
		}
		batch.Release()
		if _, err := rows.Next(t.Context()); err != io.EOF {
			t.Errorf("got %v", err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"SELECT $1", "SELECT ?", "SELECT $other", "SELECT $late, $other"} {
			if _, err := s.Query(t.Context(), sql); err == nil {
				t.Errorf("%s runs", sql)
			}
		}
	}
}
