package dialect

import (
	"fmt"
	"strings"

	"traillake/engine/dialect/scalar"
)

// Storage says how the columns of a store lie in its data files. It is the same for all
// engines, but for Stored.SQL, which is in the SQL of one.
type Storage struct {
	// Columns are the columns, those that only the rebuilt record needs included.
	Columns []Stored
	// Raw is the column that holds the text of a record where it is kept.
	Raw string
	// Key is the column of text whose demanded values Filter.Keys tells; "" for none.
	Key string
	// Needles are the columns of text, and the members of columns as column.member, whose
	// demanded values Filter.Demands tells.
	Needles []string
}

// StoredKind is a form in which a value is stored.
type StoredKind uint8

// The forms.
const (
	// StoredPlain is a value as it is shown.
	StoredPlain StoredKind = iota
	// StoredMap is a map(varchar,varchar) as the JSON text of an object.
	StoredMap
	// StoredRow is a row as a struct with the names of Members.
	StoredRow
	// StoredList is an array of such rows.
	StoredList
	// StoredJSON is a row, or an array of rows, as JSON text with the keys of
	// Members.
	StoredJSON
)

// Stored is a column, or a member of a row, as it is stored.
type Stored struct {
	// Name is the name in the data file and in SQL.
	Name string
	// Key is the record's spelling, empty for what is no part of the record.
	Key  string
	Kind StoredKind
	// Type is the logical type; nil for hidden members.
	Type *Type
	// Members are those of a row, or of the rows of an array, in the order of the
	// logical type; hidden ones are left out of it.
	Members []Stored
	Hidden  bool
	// SQL computes the value from the columns of a relation of the given alias; nil
	// for a column that is read as it is.
	SQL func(alias string) string
	// Else are the texts of which SQL gives one where the column of Name, which it gives
	// otherwise, is NULL; nil where it computes something else.
	Else []string
	// From are the stored columns that SQL reads; nil stands for that of Name.
	From []string
	// Holds prints a condition that is true where a text stands in what SQL gives, and
	// cheaper; "" says that there is none. It is nil for most columns.
	Holds func(alias, text string) string
	// Repeats marks a column of text that few values make up, so that data files have them as a
	// dictionary.
	Repeats bool
	// Text marks the text of the whole record, Whole what is computed from it.
	Text, Whole bool
}

func (s *Stored) plain() bool { return s.Kind == StoredPlain && s.SQL == nil && !s.Text }

// Read returns the names of the stored columns that are read for the column.
func (s *Stored) Read() []string {
	if s.From != nil {
		return s.From
	}
	return []string{s.Name}
}

// Column returns the column of the given name, nil for none.
func (s *Storage) Column(name string) *Stored {
	for i := range s.Columns {
		if strings.EqualFold(s.Columns[i].Name, name) {
			return &s.Columns[i]
		}
	}
	return nil
}

// member returns the member that is field i of the logical row.
func (s *Stored) member(i int) *Stored {
	for k := range s.Members {
		if s.Members[k].Hidden {
			continue
		}
		if i == 0 {
			return &s.Members[k]
		}
		i--
	}
	return nil
}

// stored prints an expression in its stored form; nil says that it has none but the
// logical one.
func (p *duckPrinter) stored(e Expr) (string, *Stored) {
	switch e := e.(type) {
	case *ColRef:
		rel := p.rels[e.Rel]
		c := rel.cols[e.Index]
		if c.stored == nil {
			return "", nil
		}
		if rel.scan != nil {
			p.note(rel, c, e.Index)
		}
		return rel.alias + "." + c.name, c.stored
	case *ParamRef:
		if s := p.paramStored[e.ID]; s != nil {
			return p.params[e.ID], s
		}
	case *Deref:
		sql, s := p.stored(e.X)
		if s == nil || s.SQL != nil || s.Text {
			return "", nil
		}
		m := s.member(e.Field)
		switch {
		case m == nil:
		case s.Kind == StoredRow:
			return sql + "." + quoteIdent(m.Name), m
		case s.Kind == StoredJSON && s.Type.Kind == KindRow:
			return "t_json_cut(" + sql + ", " + quoteString(pointer(m.Key)) + ")", m
		}
	case *Call:
		if e.Fn.Name == "element_at" && e.Args[0].Type().Kind == KindArray {
			if l, ok := e.Args[1].(*Literal); ok && l.Value != nil && l.Value.(int64) != 0 {
				return p.storedElement(e.Args[0], p.expr(l))
			}
		}
	}
	return "", nil
}

// storedElement prints an element of a stored array.
func (p *duckPrinter) storedElement(array Expr, index string) (string, *Stored) {
	sql, s := p.stored(array)
	if s == nil || s.Kind != StoredList {
		return "", nil
	}
	return sql + "[" + index + "]", s.element()
}

// element is the form of the elements of a stored array.
func (s *Stored) element() *Stored {
	e := *s
	e.Kind, e.Type = StoredRow, s.Type.Elem()
	return &e
}

// logicalColumn prints a stored column of a relation in its logical form.
func (p *duckPrinter) logicalColumn(rel *duckRel, name string, s *Stored, t *Type) string {
	if s.SQL != nil && rel.here {
		return "(CASE WHEN " + rel.alias + ".here THEN " + s.SQL(rel.alias) + " END)"
	}
	if s.SQL != nil {
		return s.SQL(rel.alias)
	}
	return p.logical(name, s, t)
}

// logical prints a stored value in its logical form.
func (p *duckPrinter) logical(sql string, s *Stored, t *Type) string {
	switch s.Kind {
	case StoredMap:
		return textMap(sql)
	case StoredRow:
		parts := make([]string, len(t.Elems))
		for i := range t.Elems {
			m := s.member(i)
			parts[i] = fmt.Sprintf("f%d := %s", i, p.logical(sql+"."+quoteIdent(m.Name), m, t.Elems[i]))
		}
		return "(CASE WHEN " + sql + " IS NOT NULL THEN struct_pack(" + strings.Join(parts, ", ") + ") END)"
	case StoredList:
		v := p.name()
		return "list_transform(" + sql + ", lambda " + v + " : " + p.logical(v, s.element(), t.Elem()) + ")"
	case StoredJSON:
		return p.fromJSONText(sql, s, t)
	default:
		return sql
	}
}

// fromJSONText prints a row or array out of JSON text. What has another shape is NULL.
func (p *duckPrinter) fromJSONText(sql string, s *Stored, t *Type) string {
	switch {
	case s.Kind == StoredMap:
		return textMap(sql)
	case t.Kind == KindRow:
		return p.bound([]string{sql}, func(x []string) string {
			parts := make([]string, len(t.Elems))
			for i, e := range t.Elems {
				m := s.member(i)
				at := quoteString(pointer(m.Key))
				if m.Kind == StoredPlain {
					parts[i] = fmt.Sprintf("f%d := t_json_scalar(%s, %s)", i, x[0], at)
				} else {
					parts[i] = fmt.Sprintf("f%d := %s", i, p.fromJSONText("t_json_cut("+x[0]+", "+at+")", m, e))
				}
			}
			return "(CASE WHEN starts_with(" + x[0] + ", '{') THEN struct_pack(" + strings.Join(parts, ", ") + ") END)"
		})
	case t.Kind == KindArray:
		v := p.name()
		e := *s
		e.Type = t.Elem()
		return "list_transform(t_json_elements(" + sql + "), lambda " + v + " : " + p.fromJSONText(v, &e, t.Elem()) + ")"
	default:
		return "t_json_scalar(" + sql + ", '')"
	}
}

// textMap prints the map of an object's text, with sorted keys.
func textMap(sql string) string {
	return "(CASE WHEN starts_with(" + sql + ", '{') THEN map(t_map_keys(" + sql + "), t_map_values(" + sql + ")) END)"
}

// pointer writes steps as a JSON pointer.
func pointer(steps ...string) string { return scalar.Pointer(steps...) }

// recordPath prints what stands at a path of a record's text, for the scan whose text
// column e is. ok is false where e is none, or the path does not lead to one column.
func (p *duckPrinter) recordPath(e Expr, steps []string, scalar bool) (sql string, ok bool) {
	c, isCol := e.(*ColRef)
	if !isCol || len(steps) == 0 {
		return "", false
	}
	rel := p.rels[c.Rel]
	if rel.scan == nil || rel.store == nil || rel.cols[c.Index].stored == nil || !rel.cols[c.Index].stored.Text {
		return "", false
	}
	for i := range rel.store.Columns {
		s := &rel.store.Columns[i]
		if s.Key != steps[0] || s.SQL != nil && s.Kind == StoredPlain && s.Hidden {
			continue
		}
		hidden := false
		at, ok := p.storedPath(rel.alias+"."+quoteIdent(s.Name), s, steps[1:], scalar, &hidden)
		if !ok {
			return "", false
		}
		reads := p.reads[rel.scan.ID]
		reads.Columns[s.Name] = true
		reads.Columns[rel.store.Raw] = true
		reads.Text = reads.Text || hidden
		raw := rel.alias + "." + quoteIdent(rel.store.Raw)
		return "(CASE WHEN " + raw + " IS NULL THEN " + at + " ELSE " + jsonAt(raw, steps, scalar) + " END)", true
	}
	return "", false
}

func jsonAt(text string, steps []string, scalar bool) string {
	f := "t_json_extract"
	if scalar {
		f = "t_json_scalar"
	}
	return f + "(" + text + ", " + quoteString(pointer(steps...)) + ")"
}

// storedPath prints what a record says at the given steps below a stored value. hidden
// is set where a hidden member is read.
func (p *duckPrinter) storedPath(sql string, s *Stored, steps []string, scalar bool, hidden *bool) (string, bool) {
	switch s.Kind {
	case StoredMap, StoredJSON:
		return jsonAt(sql, steps, scalar), true
	case StoredRow:
		if len(steps) == 0 {
			if scalar {
				return "CAST(NULL AS VARCHAR)", true
			}
			return "", false // the whole object is rebuilt
		}
		for i := range s.Members {
			if m := &s.Members[i]; m.Key == steps[0] {
				*hidden = *hidden || m.Hidden
				return p.storedPath(sql+"."+quoteIdent(m.Name), m, steps[1:], scalar, hidden)
			}
		}
		return "", false
	case StoredList:
		return "", false
	}
	if len(steps) > 0 {
		return "CAST(NULL AS " + jsonOrText(scalar) + ")", true // nothing stands below a scalar
	}
	text := sql
	switch s.Type.Kind {
	case KindBoolean:
		text = "CAST(" + sql + " AS VARCHAR)"
	case KindBigint:
		text = "CAST(" + sql + " AS VARCHAR)"
	case KindTimestamp:
		text = "strftime(" + sql + ", '%Y-%m-%dT%H:%M:%SZ')"
	}
	if scalar {
		return text, true
	}
	switch s.Type.Kind {
	case KindBoolean, KindBigint:
		return "CAST(" + text + " AS JSON)", true
	}
	return "to_json(" + text + ")", true
}

func jsonOrText(scalar bool) string {
	if scalar {
		return "VARCHAR"
	}
	return "JSON"
}
