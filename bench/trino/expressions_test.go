package trino

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"traillake/engine/dialect/scalar"
)

// ofTheMoment are expressions whose value differs from call to call.
var ofTheMoment = regexp.MustCompile(`(?i)\b(random|rand|uuid|shuffle|now|current_\w+|localtime\w*)\b`)

// TestExpressions asks a real Trino the expressions whose values are in
// engine/testdata/expressions, where Traillake's tests ask for the same. The file
// differences.txt lists those of which Trino says something else, and why that is so.
func TestExpressions(t *testing.T) {
	home, err := Home()
	if err != nil {
		t.Logf("NOT COMPARED with Trino: %v", err)
		return
	}
	differences := map[string]bool{}
	for _, line := range linesOf(t, filepath.Join("testdata", "differences.txt")) {
		differences[line] = true
	}
	s, err := Start(t.Context(), Options{Home: home, Dir: t.TempDir(), Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := filepath.Glob(filepath.Join("..", "..", "engine", "testdata", "expressions", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no expressions:", err)
	}
	n := 0
	for _, file := range files {
		for _, line := range linesOf(t, file) {
			expression, want, _ := strings.Cut(line, " =>")
			if ofTheMoment.MatchString(expression) {
				continue
			}
			n++
			got, same := answer(t, s, expression, strings.TrimPrefix(want, " "))
			switch {
			case !same && !differences[expression]:
				t.Errorf("%s: %s\n  Trino: %s\n  here:  %s", filepath.Base(file), expression, got, want)
			case same && differences[expression]:
				t.Errorf("%s: %s is no difference any more", filepath.Base(file), expression)
			}
			delete(differences, expression)
		}
	}
	for expression := range differences {
		t.Errorf("differences.txt: no file has %s", expression)
	}
	t.Logf("%d expressions were compared with Trino %s", n, s.Version)
}

// linesOf are the lines of a file without comments.
func linesOf(t *testing.T, file string) (lines []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for scanner := bufio.NewScanner(bytes.NewReader(text)); scanner.Scan(); {
		if line := scanner.Text(); strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// answer asks for an expression, and says whether its value, or the code of its error, is
// the wanted one.
func answer(t *testing.T, s *Server, expression, want string) (got string, same bool) {
	rows := 0
	_, err := s.Run(t.Context(), "SELECT "+expression, func(columns []Column, page [][]any) error {
		for _, row := range page {
			if len(row) != 1 {
				return fmt.Errorf("%d columns", len(row))
			}
			rows, got = rows+1, text(columns[0].Type, row[0])
		}
		return nil
	})
	refusal, isError := strings.CutPrefix(want, "ERROR")
	if e, ok := errors.AsType[*Error](err); ok {
		code, _, _ := strings.Cut(strings.TrimSpace(refusal), ": ")
		return e.Error(), isError && strings.HasPrefix(e.Name, code)
	}
	if err != nil || rows != 1 {
		t.Fatalf("%s: %d rows, %v", expression, rows, err)
	}
	return got, !isError && got == want
}

// text writes a value as Trino's users see it, and Traillake writes it.
func text(t Type, v any) string {
	inner := func(i int, v any) string { return text(t.Arguments[i].Type, v) }
	switch v := v.(type) {
	case nil:
		return "NULL"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return number(t, v.String())
	case string:
		if t.Name != "varbinary" {
			return number(t, v)
		}
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("% x", b)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			switch {
			case t.Name == "array":
				parts[i] = inner(0, e)
			case t.Arguments[i].Field == "":
				parts[i] = fmt.Sprintf("field%d=%s", i, inner(i, e))
			default:
				parts[i] = t.Arguments[i].Field + "=" + inner(i, e)
			}
		}
		if t.Name == "array" {
			return "[" + strings.Join(parts, ", ") + "]"
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, inner(0, key)+"="+inner(1, v[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// number writes numbers with a point as Java does, and leaves the rest as it is.
func number(t Type, s string) string {
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return s
	case t.Name == "double":
		return scalar.DoubleText(f)
	case t.Name == "real":
		return scalar.RealText(f)
	default:
		return s
	}
}
