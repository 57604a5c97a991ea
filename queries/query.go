package queries

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Query is a saved query. Treat it as a constant.
type Query struct {
	// Name identifies the query: lower-case words with dashes between.
	Name string
	// Title is one line for lists.
	Title string
	// Description says what the query finds and why that matters. Paragraphs
	// are separated by an empty line.
	Description string
	// FalsePositives tells what the query finds that means nothing.
	FalsePositives string
	// Next tells what to do with the rows.
	Next string
	// Severity is info, low, medium, high or critical; empty when the query
	// is not about a danger.
	Severity string
	// Tags group queries.
	Tags []string
	// Techniques are ids of MITRE ATT&CK, such as T1078.004.
	Techniques []string
	// APIs are the event names that the query looks for.
	APIs []string
	// Params are the parameters in the order of the file.
	Params []Param

	// SQL is the statement without header and closing semicolon. It holds
	// :name where a parameter goes and $EDS_ID for the store.
	SQL string
	// Line is the line of the file in which SQL begins, from 1.
	Line int
	// File is the path of the file, as it was given to the parser.
	File string
	// Area is the folder of the file below the catalogue's root, with /
	// between levels; empty for a file in the root itself.
	Area string
	// Overrides is the file of the query that this one takes the place of;
	// empty when there is none. See Set.Merge.
	Overrides string

	tokens []token // of SQL
}

// Param is a parameter of a query.
type Param struct {
	// Name is what stands behind the colon in the SQL.
	Name string
	// Type is the type of its values.
	Type Type
	// Default is the value taken when none is given, as it was written;
	// meaningless unless Optional.
	Default string
	// Optional is true for a parameter that has a default.
	Optional bool
	// Doc explains the parameter; it may be empty.
	Doc string
	// Line is the line of the file that declares it, from 1.
	Line int
}

// maxFile bounds the file of a saved query: CloudTrail Lake's statements have at
// most 10 000 characters.
const maxFile = 1 << 20

// referenceTime stands for the present when a default is checked and not used.
var referenceTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Parse reads the text of a saved query. file names it in errors and may be
// empty. All mistakes are reported at once, each as a *FileError.
//
// Parse accepts what can be bound and run. Check asks for more.
func Parse(file string, text []byte) (*Query, error) {
	q := &Query{File: file}
	fail := func(line int, err error) error { return &FileError{File: file, Line: line, Err: err} }
	if len(text) > maxFile {
		return nil, fail(0, fmt.Errorf("%d bytes long; a saved query has at most %d", len(text), maxFile))
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, fail(0, errors.New("not a text file in UTF-8"))
	}
	lines := strings.SplitAfter(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	n := 0
	for n < len(lines) && strings.TrimSpace(lines[n]) == "" {
		n++
	}
	h := &header{q: q, seen: map[string]int{}}
	for ; n < len(lines); n++ {
		comment, ok := strings.CutPrefix(strings.TrimRight(lines[n], "\r\n"), "--")
		if !ok {
			break
		}
		h.line(n+1, comment)
	}
	h.end()
	if len(h.seen) == 0 && len(h.errs) == 0 {
		h.fail(1, "no header: a saved query begins with a comment line such as -- name: my-query")
	} else if q.Name == "" && len(h.errs) == 0 {
		h.fail(1, "no name: the header has no line such as -- name: my-query")
	}
	if err := q.setSQL(lines[n:], n+1); err != nil {
		h.errs = append(h.errs, err)
	}
	if err := errors.Join(h.errs...); err != nil {
		return nil, err
	}
	return q, nil
}

// setSQL takes the lines behind the header, the first of which has number line.
func (q *Query) setSQL(lines []string, line int) error {
	for len(lines) > 1 && strings.TrimSpace(lines[0]) == "" {
		lines, line = lines[1:], line+1
	}
	sql, tokens, err := statement(strings.TrimRight(strings.Join(lines, ""), " \t\r\n\f"))
	if err != nil {
		var at *lexError
		if errors.As(err, &at) {
			line += strings.Count(strings.Join(lines, "")[:at.at], "\n")
		}
		return &FileError{File: q.File, Line: line, Err: err}
	}
	q.SQL, q.Line, q.tokens = sql, line, tokens
	return nil
}

// Param finds a parameter by name; nil when the query has none of that name.
func (q *Query) Param(name string) *Param {
	for i := range q.Params {
		if q.Params[i].Name == name {
			return &q.Params[i]
		}
	}
	return nil
}

// line returns the line of the file in which a token of SQL stands.
func (q *Query) line(t token) int { return q.Line + strings.Count(q.SQL[:t.start], "\n") }
