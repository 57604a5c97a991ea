package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"traillake/schema"
)

// field is a place in a record, as SQL reaches it.
type field struct {
	path string // as the rule writes it
	kind fieldKind
	// sql is the column, the block or the list that holds the value.
	sql string
	// keys lead from a block to the value; the name of the member for fieldListed.
	keys []string
	// column is the type of a fieldColumn.
	column schema.Kind
}

type fieldKind uint8

const (
	fieldColumn fieldKind = iota // a column, or a member of a group
	fieldJSON                    // a member that is no column; sql is the expression
	fieldBlock                   // a free-form block as a whole
	fieldInside                  // a value in a free-form block
	fieldListed                  // a member of the entries of a list
)

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// lookUp finds the field that a rule names.
func lookUp(path string) (*field, error) {
	parts := strings.Split(path, ".")
	if strings.ContainsAny(path, "[]{}\"\\") || slices.Contains(parts, "") {
		return nil, fmt.Errorf("field %q: write the names with dots between, such as requestParameters.items.cidrIp; lists are searched by themselves", path)
	}
	f := &field{path: path}
	columns := schema.DeliveredColumns()
	hidden, record := false, "$"
	for i, part := range parts {
		c, ok := member(columns, part)
		if !ok && i == 0 {
			return nil, fmt.Errorf("CloudTrail records have no field %q; the fields are %s", part, strings.Join(keys(columns), ", "))
		}
		if !ok {
			return nil, fmt.Errorf("%s has no field %q; it has %s", strings.Join(parts[:i], "."), part, strings.Join(keys(columns), ", "))
		}
		hidden = hidden || c.Hidden
		record += "." + c.Key
		name := c.Key
		if !strings.EqualFold(name, c.Name) {
			name = c.Name
		}
		f.sql = strings.TrimPrefix(f.sql+"."+name, ".")
		rest := parts[i+1:]
		switch c.Kind {
		case schema.KindStruct:
			columns = c.Members
			continue
		case schema.KindList:
			if len(rest) != 1 {
				return nil, fmt.Errorf("field %s is a list of %s: name one of these, such as %s.%s", path, strings.Join(keys(c.Members), ", "), c.Key, c.Members[0].Key)
			}
			m, ok := member(c.Members, rest[0])
			if !ok {
				return nil, fmt.Errorf("%s has no field %q; it has %s", c.Key, rest[0], strings.Join(keys(c.Members), ", "))
			}
			f.kind, f.keys = fieldListed, []string{m.Name}
			return f, nil
		case schema.KindJSON:
			if hidden {
				return nil, fmt.Errorf("field %s is none that a trail delivers", path)
			}
			f.kind, f.keys = fieldBlock, rest
			if len(rest) > 0 {
				f.kind = fieldInside
			}
			return f, nil
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("field %s: %s is a text and has no %s", path, f.sql, rest[0])
		}
		f.column = c.Kind
		if hidden {
			f.kind, f.sql = fieldJSON, "json_extract_scalar(eventJson, '"+record+"')"
		}
		return f, nil
	}
	return nil, fmt.Errorf("field %s is a group: name one of its fields %s", path, strings.Join(keys(columns), ", "))
}

func member(columns []schema.Column, name string) (schema.Column, bool) {
	for _, c := range columns {
		if c.Key != "" && strings.EqualFold(c.Key, name) {
			return c, true
		}
	}
	return schema.Column{}, false
}

func keys(columns []schema.Column) []string {
	var out []string
	for _, c := range columns {
		if c.Key != "" {
			out = append(out, c.Key)
		}
	}
	return out
}

// text returns the field's value as one text, where it is one: a list in a block is its
// JSON, a list below a list none.
func (f *field) text() string {
	switch {
	case f.kind == fieldColumn && f.column == schema.KindBool:
		return "CAST(" + f.sql + " AS varchar)"
	case f.kind == fieldColumn && f.column == schema.KindTimestamp:
		return "date_format(" + f.sql + ", '%Y-%m-%dT%H:%i:%sZ')"
	case f.kind == fieldBlock:
		return "json_format(json_extract(eventJson, '$." + f.sql + "'))"
	case f.kind == fieldInside && len(f.keys) > 1:
		return "json_extract_scalar(" + f.first() + ", " + quote(jsonPath(f.keys[1:])) + ")"
	case f.kind == fieldInside:
		return f.first()
	case f.kind == fieldListed:
		return "array_join(transform(" + f.sql + ", r -> r." + f.keys[0] + "), ', ')"
	}
	return f.sql
}

// first is the value of the first key in the block.
func (f *field) first() string { return "element_at(" + f.sql + ", " + quote(f.keys[0]) + ")" }

// any says that one of the field's texts meets a test. simple promises that a list meets
// it as JSON whenever one of its elements does.
func (f *field) any(test func(x string) string, simple bool) string {
	const element = "coalesce(json_extract_scalar(e, '$'), nullif(json_format(e), 'null'))"
	elements := func(keys []string) string {
		return "any_match(CAST(json_parse(json_query(" + f.first() + ", " + quote("lax "+jsonPath(keys)+"[*]") + " WITH ARRAY WRAPPER)) AS array(json)), e -> " + test(element) + ")"
	}
	switch f.kind {
	case fieldListed:
		return "any_match(" + f.sql + ", r -> " + test("r."+f.keys[0]) + ")"
	case fieldBlock:
		return "any_match(map_values(" + f.sql + ") || ARRAY[" + f.text() + "], v -> " + test("v") + ")"
	case fieldInside:
		if len(f.keys) > 1 {
			return elements(f.keys[1:])
		}
		if !simple {
			return "(" + test(f.first()) + " OR " + elements(nil) + ")"
		}
	}
	return test(f.text())
}

// is says that the record has the field, or that it does not.
func (f *field) is(there bool) string {
	found := ""
	switch {
	case f.kind == fieldListed:
		found = "any_match(" + f.sql + ", r -> r." + f.keys[0] + " IS NOT NULL)"
	case f.kind == fieldInside && len(f.keys) > 1:
		found = "any_match(CAST(json_parse(json_query(" + f.first() + ", " + quote("lax "+jsonPath(f.keys[1:])) +
			" WITH ARRAY WRAPPER)) AS array(json)), e -> json_format(e) <> 'null')"
	}
	value := f.sql
	if f.kind == fieldInside {
		value = f.first()
	}
	switch {
	case found != "" && there:
		return found
	case found != "":
		return "NOT coalesce(" + found + ", false)"
	case there:
		return value + " IS NOT NULL"
	}
	return value + " IS NULL"
}

// jsonPath is the path of SQL/JSON along the keys.
func jsonPath(keys []string) string {
	path := "$"
	for _, k := range keys {
		if !plainKey.MatchString(k) {
			k = `"` + k + `"`
		}
		path += "." + k
	}
	return path
}

// quote returns a literal of SQL. It has no line breaks, so that lines can be indented.
func quote(s string) string {
	s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	s = strings.ReplaceAll(s, "\n", "' || chr(10) || '")
	return strings.ReplaceAll(s, "\r", "' || chr(13) || '")
}

var upper = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// columnName returns a name for the field in a result.
func (f *field) columnName() string {
	name := strings.ToLower(upper.ReplaceAllString(f.path, "${1}${3}_${2}${4}"))
	return strings.Trim(notWord.ReplaceAllString(name, "_"), "_")
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)
