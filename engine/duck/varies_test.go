package duck_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine/dialect"
)

var calledName = regexp.MustCompile(`(\w+)\(`)

// TestVaries prints the expressions of testdata/expressions, of which there is one for each
// overload of the registry. What calls a function that DuckDB calls volatile is known to vary,
// and little else is: so a function that is new is classified.
func TestVaries(t *testing.T) {
	s := expressionSession(t)
	rows, err := s.Query(t.Context(), "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability IS DISTINCT FROM 'CONSISTENT' AND function_type IN ('scalar', 'aggregate')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	volatile := map[string]bool{}
	for {
		b, err := rows.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(b.NumRows()) {
			volatile[b.Column(0).(array.StringLike).Value(i)] = true
		}
		b.Release()
	}
	if !volatile["random"] || !volatile["uuid"] || volatile["lower"] {
		t.Fatalf("DuckDB calls volatile: %v", volatile)
	}
	files, err := filepath.Glob("../testdata/expressions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no expressions:", err)
	}
	found := map[bool]int{}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			expression, _, ok := strings.Cut(lines.Text(), " =>")
			if !ok || strings.HasPrefix(expression, "#") {
				continue
			}
			a, err := dialect.Analyze("SELECT "+expression, dialect.Options{Now: time.Unix(0, 0)})
			if err != nil {
				continue // an error is the value
			}
			d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{})
			if err != nil {
				continue
			}
			want := variesInText.MatchString(expression)
			for _, call := range calledName.FindAllStringSubmatch(d.SQL, -1) {
				want = want || volatile[call[1]]
			}
			if found[want]++; a.Varies != want {
				t.Errorf("%s\nvaries: %v, want %v\n%s", expression, a.Varies, want, d.SQL)
			}
		}
	}
	if found[true] < 5 || found[false] < 500 {
		t.Errorf("%d expressions vary, %d do not", found[true], found[false])
	}
}

// variesInText matches what varies although no such call is printed: what becomes a constant
// that is another one each time, samples, and a call of which only the type is asked for.
var variesInText = regexp.MustCompile(`(?i)\b(now\(|current_timestamp|current_time\b|localtime|TABLESAMPLE|typeof\(random)`)
