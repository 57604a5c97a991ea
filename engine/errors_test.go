package engine

import "testing"

// A terminal obeys control characters (ECMA-48, C0 and C1), so that none may get there out of
// a statement, except the tabs that the caret's line repeats.
func TestStatementErrorPrintable(t *testing.T) {
	e := &StatementError{Message: "mismatched input '\x1b[2J'", Line: 1, Column: 5, Text: "\tA\x1b\x00\u009b\xff\x07B"}
	want := "line 1, column 5: mismatched input '\uFFFD[2J'\n  \tA\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDB\n  \t   ^"
	if got := e.Error(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
