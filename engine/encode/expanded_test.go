package encode

import (
	"bytes"
	"strings"
	"testing"
)

func TestExpanded(t *testing.T) {
	b := batch(t, rows)
	var out bytes.Buffer
	e := newExpanded(&out, b.Schema(), Options{Width: 20})
	if err := e.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	n := len(everyType) + 1
	if len(lines) != 3*n {
		t.Fatalf("%d lines, want %d, so that no value breaks its line:\n%s", len(lines), 3*n, &out)
	}
	for i, want := range map[int]string{
		0: "-[ RECORD 1 ]-------", 1: "text  | plain", 2: "n     | 1", n: "-[ RECORD 2 ]-------", 2*n + 1: "text  |",
	} {
		if lines[i] != want {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], want)
		}
	}
}
