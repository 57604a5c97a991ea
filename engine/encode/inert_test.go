package encode

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestInert writes texts that a spreadsheet would run: each stands behind an apostrophe,
// and can be had back. The list is OWASP's, "CSV Injection".
func TestInert(t *testing.T) {
	texts := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'=1", "'", "plain", "a;=1", `=cmd|' /C calc'!A0,"x"`, " =1", ""}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	n := array.NewInt64Builder(memory.DefaultAllocator)
	b.AppendValues(texts, nil)
	for range texts {
		n.Append(-5)
	}
	schema := arrow.NewSchema([]arrow.Field{{Name: "=name", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	out := encodeAll(t, CSV, Options{Inert: true}, schema, array.NewRecordBatch(schema, []arrow.Array{b.NewArray(), n.NewArray()}, int64(len(texts))))
	r := csv.NewReader(strings.NewReader(strings.ReplaceAll(out, "\r", "\\r"))) // encoding/csv drops CR before LF
	lines, err := r.ReadAll()
	if err != nil || len(lines) != len(texts)+1 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	if lines[0][0] != "'=name" {
		t.Errorf("the header is %q", lines[0][0])
	}
	for i, line := range lines[1:] {
		got := strings.ReplaceAll(line[0], "\\r", "\r")
		if strings.HasPrefix(got, "'") {
			got = got[1:]
		} else if got != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(got)[0]) {
			t.Errorf("%q begins like a formula", got)
		}
		if got != texts[i] {
			t.Errorf("%q becomes %q", texts[i], got)
		}
		if line[1] != "-5" {
			t.Errorf("the number is %q", line[1])
		}
	}
}
