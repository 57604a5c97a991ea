package encode

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
)

// formulas are what texts begin with that spreadsheets take for formulas: those of OWASP's
// page on CSV injection, with the full-width forms that Excel takes as well. The apostrophe
// is there so that what stands in front of the others can be told from what was there.
var formulas = [][]byte{[]byte("="), []byte("+"), []byte("-"), []byte("@"), []byte("\t"), []byte("\r"), []byte("\n"), []byte("'"),
	[]byte("＝"), []byte("＋"), []byte("－"), []byte("＠")}

// inertDialect is CSV whose texts are quoted, all of them: a spreadsheet that parts cells
// at semicolons must not see a new one begin inside of a text.
var inertDialect = dialect{sep: ",", end: "\n", escape: quoteInert, bareNumbers: true}

// quoteInert quotes a text, and makes one harmless that a spreadsheet would run.
func quoteInert(dst, v []byte) []byte {
	dst = append(dst, '"')
	for _, f := range formulas {
		if bytes.HasPrefix(v, f) {
			dst = append(dst, '\'')
			break
		}
	}
	dst = append(dst, bytes.ReplaceAll(v, []byte{'"'}, []byte(`""`))...)
	return append(dst, '"')
}

// bare says whether values of a type stand without quotes: nothing in them is a text that
// somebody else chose.
func bare(t arrow.DataType) bool { return numeric(t) || t.ID() == arrow.BOOL }
