package dialect

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var paramLine = regexp.MustCompile(`^--\s+([a-z_0-9]+): (string|strings|integer|double|boolean|timestamp|date)\b`)

// TestSavedQueries analyzes the queries that the repository brings.
func TestSavedQueries(t *testing.T) {
	files, err := filepath.Glob("../../queries/catalog/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no saved queries", err)
	}
	samples := map[string][]*Literal{
		"string": {textLiteral("x")}, "strings": {textLiteral("x"), textLiteral("y")}, "integer": {intLiteral(5)},
		"double": {{Typ: Double, Value: 0.5}}, "boolean": {{Typ: Boolean, Value: true}},
		"timestamp": {{Typ: Timestamp(3), Value: testNow.UnixMicro()}}, "date": {{Typ: Date, Value: int64(19000)}},
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range strings.Split("\n"+string(text), "\n-- name:")[1:] {
			name, _, _ := strings.Cut(strings.TrimSpace(q), "\n")
			o := testOptions(t)
			o.Positional = nil
			for line := range strings.Lines(q) {
				if m := paramLine.FindStringSubmatch(line); m != nil {
					o.Named[m[1]] = samples[m[2]]
				}
			}
			a, err := Analyze("-- name:"+q, o)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, p := range checkTree(a.Statement) {
				t.Errorf("%s: %s", name, p)
			}
		}
	}
}
