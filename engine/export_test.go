package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
	"traillake/schema"
)

var versionClause = regexp.MustCompile(` FOR VERSION AS OF \d+`)

// QueryTrinoText runs a request by way of its text for Trino: the text is analyzed over
// the stored columns, without a leniency, and must give columns of the same names and
// types.
func (e *Engine) QueryTrinoText(ctx context.Context, r Request) (res *Result, text string, err error) {
	r = e.withDefaults(r)
	p, pins, pinned, err := e.prepare(ctx, r, false)
	if err != nil {
		return nil, "", err
	}
	defer pinned.release()
	text, err = p.trino.trinoSQL(p, pins)
	if err != nil {
		return nil, "", fmt.Errorf("refused: %w", err)
	}
	text = versionClause.ReplaceAllString(text, "")
	files := storedFiles()
	a, err := dialect.Analyze(text, dialect.Options{Catalog: storedCatalog{files}, Limits: syntax.Limits{Chars: 1 << 20}})
	if err != nil {
		return nil, text, fmt.Errorf("the text is not valid: %w", err)
	}
	if len(a.Lenient) > 0 {
		l := a.Lenient[0]
		return nil, text, fmt.Errorf("leniency %d at %q", l.Leniency, text[l.At.Start:l.At.End])
	}
	for i, want := range p.trino.columns {
		if got := a.Statement.Query.Columns[i]; got.Name != want.Name || !got.Type.Equal(want.Type) {
			return nil, text, fmt.Errorf("column %s %s is %s %s", want.Name, want.Type, got.Name, got.Type)
		}
	}
	d, err := dialect.PrintDuckDB(a.Statement, dialect.DuckOptions{
		Table:   func(s *dialect.StoreScan) string { return trinoView(s.Store) },
		Storage: func(*dialect.StoreScan) *dialect.Storage { return files },
	})
	if err != nil {
		return nil, text, fmt.Errorf("print the text again: %w", err)
	}
	var names []string
	for _, pin := range pins {
		for _, f := range pin.Files {
			names = append(names, f.Path)
		}
	}
	s, err := e.exec.Open(ctx, Sandbox{Files: names, Threads: 2, TempDir: r.TempDir})
	if err != nil {
		return nil, text, err
	}
	p.sql, p.trino = d.SQL, &trinoPlan{text: text, statement: a.Statement, columns: d.Columns, full: true}
	rows, err := e.run(ctx, s, p, pins)
	if err != nil {
		return nil, text, errors.Join(err, s.Close())
	}
	return newResult(s, rows, p, pins, r, time.Now(), time.Now().Add(r.Timeout)), text, nil
}

// storedCatalog holds a table of the stored columns for each store.
type storedCatalog struct{ files *dialect.Storage }

func (c storedCatalog) Table(name dialect.TableName) *dialect.Table {
	if len(name.Parts) != 3 {
		return nil
	}
	t := &dialect.Table{Store: name.Parts[2], Time: -1}
	for _, s := range c.files.Columns {
		t.Columns = append(t.Columns, dialect.Column{Name: s.Name, Type: s.Type})
	}
	return t
}

// storedFiles describes the columns of data files as another engine sees them.
func storedFiles() *dialect.Storage {
	st := &dialect.Storage{}
	for _, c := range schema.Stored() {
		st.Columns = append(st.Columns, fileColumn(c))
	}
	return st
}

func fileColumn(c schema.Column) dialect.Stored {
	s := dialect.Stored{Name: c.Name}
	switch c.Kind {
	case schema.KindBool:
		s.Type = dialect.Boolean
	case schema.KindTimestamp:
		s.Type = dialect.Timestamp(6)
	case schema.KindInt:
		s.Type = dialect.Bigint
	case schema.KindStruct, schema.KindList:
		var types []*dialect.Type
		var names []string
		for _, m := range c.Members {
			s.Members = append(s.Members, fileColumn(m))
			types, names = append(types, s.Members[len(s.Members)-1].Type), append(names, m.Name)
		}
		s.Kind, s.Type = dialect.StoredRow, dialect.RowOf(types, names)
		if c.Kind == schema.KindList {
			s.Kind, s.Type = dialect.StoredList, dialect.ArrayOf(s.Type)
		}
	default:
		s.Type = dialect.Varchar
	}
	return s
}

// KeptKey returns the key of the rows of a request.
func KeptKey(t testing.TB, e *Engine, r Request) string {
	t.Helper()
	r = e.withDefaults(r)
	p, pins, pinned, err := e.prepare(t.Context(), r, false)
	if err != nil {
		t.Fatal(err)
	}
	defer pinned.release()
	r.Fresh = true
	use := e.reuse(r, p, time.Now())
	if _, err := use.find(pins); err != nil {
		t.Fatal(err)
	}
	return use.key
}
