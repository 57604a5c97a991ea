package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"traillake/engine/dialect/syntax"
)

// formOf is the stored form of an expression, nil where it has none but the logical
// one.
func (p *trinoPrinter) formOf(e Expr) *Stored {
	switch e := e.(type) {
	case *ColRef:
		rel := p.rels[e.Rel]
		if rel.store == nil {
			return nil
		}
		if s := rel.store.Column(rel.scan.Columns[e.Index].Name); s != nil && s.Kind != StoredPlain && s.SQL == nil {
			return s
		}
	case *Deref:
		s := p.formOf(e.X)
		if s == nil {
			return nil
		}
		m := s.member(e.Field)
		if s.Kind == StoredRow || s.Kind == StoredJSON && s.Type.Kind == KindRow && m.Kind != StoredPlain {
			return m
		}
	}
	return nil
}

// stored prints an expression that has a stored form in this form.
func (p *trinoPrinter) stored(e Expr) string {
	switch e := e.(type) {
	case *ColRef:
		rel := p.rels[e.Rel]
		return p.form(rel, rel.scan.Columns[e.Index].Name, usedStored)
	case *Deref:
		s := p.formOf(e.X)
		m := s.member(e.Field)
		if s.Kind == StoredJSON {
			return jsonBlock(p.stored(e.X), []string{m.Key})
		}
		return p.stored(e.X) + "." + syntax.QuoteName(m.Name)
	default:
		panic(fmt.Sprintf("BUG: stored form of %T", e))
	}
}

// logicalColumn prints a column of a store in its logical form, from the relation of
// the given alias.
func (p *trinoPrinter) logicalColumn(from string, rel *trinoRel, c Column) string {
	sql := from + "." + syntax.QuoteName(c.Name)
	if rel.store == nil {
		return sql
	}
	s := rel.store.Column(c.Name)
	switch {
	case s == nil:
		return sql
	case s.SQL != nil:
		return s.SQL(from)
	}
	return p.logical(sql, s, c.Type)
}

// logical prints a stored value in its logical form.
func (p *trinoPrinter) logical(sql string, s *Stored, t *Type) string {
	switch s.Kind {
	case StoredMap:
		return trinoTextMap(sql)
	case StoredRow:
		parts := make([]string, len(t.Elems))
		for i := range t.Elems {
			m := s.member(i)
			parts[i] = p.logical(sql+"."+syntax.QuoteName(m.Name), m, t.Elems[i])
		}
		return "IF(" + sql + " IS NOT NULL, CAST(ROW(" + strings.Join(parts, ", ") + ") AS " + trinoType(t) + "))"
	case StoredList:
		v := p.name("r")
		return "transform(" + sql + ", " + v + " -> " + p.logical(v, s.element(), t.Elem()) + ")"
	case StoredJSON:
		return p.fromJSONText(sql, s, t)
	}
	if t.Kind == KindTimestamp {
		// Iceberg keeps microseconds.
		return "CAST(" + sql + " AS " + t.String() + ")"
	}
	return sql
}

// fromJSONText prints a row or array out of JSON text. What has another shape is NULL.
func (p *trinoPrinter) fromJSONText(sql string, s *Stored, t *Type) string {
	switch {
	case s.Kind == StoredMap:
		return trinoTextMap(sql)
	case t.Kind == KindRow:
		parts := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			m := s.member(i)
			if m.Kind == StoredPlain {
				parts[i] = "json_extract_scalar(" + sql + ", " + trinoPath(m.Key) + ")"
			} else {
				parts[i] = p.fromJSONText(jsonBlock(sql, []string{m.Key}), m, e)
			}
		}
		return "IF(starts_with(" + sql + ", '{'), CAST(ROW(" + strings.Join(parts, ", ") + ") AS " + trinoType(t) + "))"
	case t.Kind == KindArray:
		v := p.name("r")
		e := *s
		e.Type = t.Elem()
		return "transform(TRY_CAST(json_parse(" + sql + ") AS array(json)), " + v + " -> " + p.fromJSONText("json_format("+v+")", &e, t.Elem()) + ")"
	default:
		return "json_extract_scalar(" + sql + ", '$')"
	}
}

// trinoTextMap prints the map of an object's text: strings without their quotes, all
// else as its JSON text, null as NULL; NULL for what is no object. The keys of blocks
// inside are sorted, and numbers written Trino's way, since json_parse does that.
func trinoTextMap(sql string) string {
	return "transform_values(TRY_CAST(json_parse(" + sql + ") AS map(varchar, json)), (k, v) -> IF(is_json_scalar(v), json_extract_scalar(v, '$'), json_format(v)))"
}

// trinoTextKey prints the value of one key of an object's text, without making the map.
func trinoTextKey(sql, key string) string {
	at := sql + ", " + trinoPath(key)
	return "coalesce(json_extract_scalar(" + at + "), nullif(json_format(json_extract(" + at + ")), 'null'))"
}

// jsonBlock prints the text of what stands at a path below JSON text.
func jsonBlock(sql string, steps []string) string {
	return "json_format(json_extract(" + sql + ", " + trinoPath(steps...) + "))"
}

// trinoPath writes steps as the literal of a JSON path, by the rules of Trino alone.
func trinoPath(steps ...string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range steps {
		switch {
		case s != "" && strings.Trim(s, "0123456789") == "":
			b.WriteString("[" + s + "]")
		case s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz_0123456789") == "":
			b.WriteString("." + s)
		default:
			b.WriteString(`["` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"]`)
		}
	}
	return trinoText(b.String())
}

// jsonCall prints a call that reads JSON text, or a key of a text-backed map; "" for
// calls that need nothing of their own.
func (p *trinoPrinter) jsonCall(c *Call) string {
	if c.Fn.Name == "element_at" {
		s := p.formOf(c.Args[0])
		key, ok := c.Args[1].(*Literal)
		if s == nil || s.Kind != StoredMap || !ok || key.Value == nil {
			return ""
		}
		// A number would also be an index, where the text is an array.
		if _, err := strconv.Atoi(key.Value.(string)); err == nil {
			return ""
		}
		return trinoTextKey(p.stored(c.Args[0]), key.Value.(string))
	}
	text := c.Args[0]
	parsed := false
	// json_parse of a record is the record: its text is valid.
	if inner, ok := text.(*Call); ok && inner.Fn.Name == "json_parse" && p.record(inner.Args[0]) != nil {
		text, parsed = inner.Args[0], true
	}
	name := c.Fn.Name
	switch name {
	case "json_extract", "json_extract_scalar", "json_size":
	default:
		return name + "(" + p.textOf(text) + p.others(c.Args[1:]) + ")"
	}
	l, ok := c.Args[1].(*Literal)
	if !ok || l.Value == nil {
		return name + "(" + p.textOf(c.Args[0]) + p.others(c.Args[1:]) + ")"
	}
	steps, err := ParseJSONPath(l.Value.(string))
	if err != nil {
		p.refuse(c.Pos, "Invalid JSON path: '%s'", l.Value)
	}
	if name != "json_size" {
		if sql, ok := p.recordPath(text, steps, name == "json_extract_scalar"); ok {
			if parsed && name == "json_extract" {
				// What json_parse makes has its keys sorted.
				return "json_parse(json_format(" + sql + "))"
			}
			return sql
		}
	}
	return name + "(" + p.textOf(c.Args[0]) + ", " + trinoPath(steps...) + ")"
}

func (p *trinoPrinter) others(args []Expr) string {
	s := ""
	for _, a := range args {
		s += ", " + p.operand(a, levelOr)
	}
	return s
}

// textOf prints an argument that is JSON text. A text-backed map stands for its text,
// as queries written for Athena expect (L9).
func (p *trinoPrinter) textOf(e Expr) string {
	if c, ok := e.(*Cast); ok && c.Implicit && c.X.Type().Kind == KindMap {
		e = c.X
	}
	if e.Type().Kind != KindMap {
		return p.operand(e, levelOr)
	}
	if s := p.formOf(e); s != nil && s.Kind == StoredMap {
		return p.stored(e)
	}
	return "json_format(CAST(" + p.expr(e) + " AS json))"
}

// record returns the scan whose text of the whole record e is, nil for none.
func (p *trinoPrinter) record(e Expr) *trinoRel {
	c, ok := e.(*ColRef)
	if !ok {
		return nil
	}
	rel := p.rels[c.Rel]
	if rel.store == nil {
		return nil
	}
	if s := rel.store.Column(rel.scan.Columns[c.Index].Name); s == nil || !s.Text {
		return nil
	}
	return rel
}

// recordPath prints what stands at a path of a record's text, where it leads to one
// column.
func (p *trinoPrinter) recordPath(e Expr, steps []string, scalar bool) (sql string, ok bool) {
	rel := p.record(e)
	if rel == nil || len(steps) == 0 {
		return "", false
	}
	for i := range rel.store.Columns {
		s := &rel.store.Columns[i]
		if s.Key != steps[0] || s.Type == nil {
			continue
		}
		column := rel.alias + "." + syntax.QuoteName(s.Name)
		if _, ok := storedTrinoPath(column, s, steps[1:], scalar); !ok {
			return "", false
		}
		at, _ := storedTrinoPath(p.form(rel, s.Name, usedStored), s, steps[1:], scalar)
		raw := p.form(rel, rel.store.Raw, usedStored)
		return "IF(" + raw + " IS NULL, " + at + ", " + trinoAt(raw, steps, scalar) + ")", true
	}
	return "", false
}

func trinoAt(text string, steps []string, scalar bool) string {
	f := "json_extract("
	if scalar {
		f = "json_extract_scalar("
	}
	return f + text + ", " + trinoPath(steps...) + ")"
}

// storedTrinoPath prints what a record says at the given steps below a stored value.
func storedTrinoPath(sql string, s *Stored, steps []string, scalar bool) (string, bool) {
	switch s.Kind {
	case StoredMap, StoredJSON:
		return trinoAt(sql, steps, scalar), true
	case StoredRow:
		if len(steps) == 0 {
			return "CAST(NULL AS varchar)", scalar // as JSON, the whole object is rebuilt
		}
		for i := range s.Members {
			if m := &s.Members[i]; m.Key == steps[0] {
				return storedTrinoPath(sql+"."+syntax.QuoteName(m.Name), m, steps[1:], scalar)
			}
		}
		return "", false
	case StoredList:
		return "", false
	}
	if len(steps) > 0 { // nothing stands below a scalar
		if scalar {
			return "CAST(NULL AS varchar)", true
		}
		return "CAST(NULL AS json)", true
	}
	text := sql
	switch s.Type.Kind {
	case KindBoolean, KindBigint:
		if scalar {
			return "CAST(" + sql + " AS varchar)", true
		}
	case KindTimestamp:
		text = RecordTime(sql)
	}
	if scalar {
		return text, true
	}
	return "CAST(" + text + " AS json)", true
}

// RecordTime is Trino's SQL for a timestamp as records write it.
func RecordTime(sql string) string {
	return fmt.Sprintf("date_format(%s, '%%Y-%%m-%%dT%%H:%%i:%%sZ')", sql)
}
