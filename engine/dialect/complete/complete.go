package complete

import (
	"slices"
	"strings"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
)

// Kind is the kind of a candidate.
type Kind uint8

// The kinds of candidates.
const (
	// Keyword is one keyword or several that stand together, such as GROUP BY.
	Keyword Kind = iota
	// Column is a column, a field of a row, or an alias of the select list.
	Column
	// Function is a function with its opening bracket.
	Function
	// Table is a store, a name of WITH, or an alias of either.
	Table
	// DataType is the name of a type.
	DataType
)

// Candidate is what a word may become.
type Candidate struct {
	Text string
	Kind Kind
}

// Field is a column of a store or of a part of the statement.
type Field struct {
	// Name is the name as people spell it; SQL takes it in any case.
	Name string
	// Type is nil where it is not known.
	Type *dialect.Type
}

// Names are the names that a statement can use.
type Names struct {
	// Stores are the names of the stores.
	Stores []string
	// Columns are the columns that every store has.
	Columns []Field
	// Functions are the names of the functions, in lower case.
	Functions []string
	// Spelling returns how people spell the field of a row whose name in the type is
	// given; nil leaves the names as they are.
	Spelling func(name string) string
}

// At returns what the word that ends at byte at of text may become: the candidates
// take the place of text[start:at]. They are sorted, and each of them is written in
// the letter case of what was typed.
func At(text string, at int, names Names) (start int, found []Candidate) {
	at = min(max(at, 0), len(text))
	s := newScan(text, at, names)
	if s == nil {
		return at, nil
	}
	for _, c := range s.candidates() {
		if s.fits(&c) && !slices.ContainsFunc(found, func(f Candidate) bool { return f.Text == c.Text }) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b Candidate) int {
		return strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text))
	})
	return at - len(s.typed), found
}

// fits says whether c begins as what was typed, and writes it in its letter case.
func (s *scan) fits(c *Candidate) bool {
	n := len(s.typed)
	if len(c.Text) < n || !strings.EqualFold(c.Text[:n], s.typed) {
		return false
	}
	lower, upper := strings.ToLower(s.typed), strings.ToUpper(s.typed)
	switch {
	case n == 0:
		if c.Kind == Keyword && s.lowerCase {
			c.Text = strings.ToLower(c.Text)
		}
	case strings.HasPrefix(c.Text, s.typed):
	case c.Kind == Table:
		c.Text = s.typed + c.Text[n:]
	case s.typed == lower:
		c.Text = strings.ToLower(c.Text)
	case s.typed == upper:
		c.Text = strings.ToUpper(c.Text)
	case c.Kind == Keyword:
		c.Text = s.typed + strings.ToLower(c.Text[n:])
	default:
		c.Text = s.typed + c.Text[n:]
	}
	return true
}

// candidates returns all that may stand at the cursor, whatever was typed.
func (s *scan) candidates() []Candidate {
	if s.key(s.cur-1) == "." {
		return s.members()
	}
	p := s.place()
	var list []Candidate
	add := func(k Kind, texts ...string) {
		for _, t := range texts {
			list = append(list, Candidate{t, k})
		}
	}
	if p.tables {
		for _, name := range s.names.Stores {
			add(Table, s.quoted(name))
		}
		for _, c := range s.ctes(s.cur) {
			add(Table, s.quoted(c.name))
		}
		add(Table, "$EDS_ID")
	}
	if p.types {
		add(DataType, dataTypes...)
	}
	if p.operand {
		for _, t := range s.tables(s.cur) {
			if t.name != "" {
				add(Table, s.quoted(t.name))
			}
			for _, f := range t.fields {
				add(Column, s.quoted(f.Name))
			}
		}
		for _, f := range append(s.lambdaParams(s.cur), p.aliases...) {
			add(Column, s.quoted(f.Name))
		}
	}
	// With nothing typed, the names of functions would bury those of columns.
	if p.operand && s.typed != "" {
		for _, name := range s.names.Functions {
			add(Function, name+"(")
		}
		add(Function, forms...)
		add(Keyword, operands...)
	}
	if !p.operand || s.typed != "" {
		add(Keyword, p.keywords...)
	}
	return list
}

// members returns what may stand behind the point in front of the cursor.
func (s *scan) members() []Candidate {
	from := s.pathStart(s.cur - 1)
	var fields []Field
	if name, ok := s.nameAt(from); ok && from == s.cur-2 {
		if t := s.tableNamed(name, s.cur); t != nil {
			fields = t.fields
		}
	}
	if fields == nil {
		fields = s.rowFields(s.typeOf(from, s.cur-1))
	}
	var list []Candidate
	for _, f := range fields {
		list = append(list, Candidate{s.quoted(f.Name), Column})
	}
	return list
}

// rowFields returns the fields of a row.
func (s *scan) rowFields(t *dialect.Type) []Field {
	if t == nil || t.Kind != dialect.KindRow {
		return nil
	}
	var fields []Field
	for i, name := range t.Names {
		if s.names.Spelling != nil {
			name = s.names.Spelling(name)
		}
		if name != "" {
			fields = append(fields, Field{name, t.Elems[i]})
		}
	}
	return fields
}

// quoted writes a name as SQL needs it, and in quotes if a quote was typed.
func (s *scan) quoted(name string) string {
	if plain(name) && !strings.HasPrefix(s.typed, `"`) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// plain says whether a name needs no quotes.
func plain(name string) bool {
	toks := syntax.Lex(name)
	return len(toks) == 2 && toks[0].Kind == syntax.Word && toks[0].End == len(name) && !syntax.Reserved(toks[0].Key)
}
