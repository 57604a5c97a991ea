package engine

import (
	"strings"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
	"traillake/schema"
)

// recordSQL writes the text of records in the SQL of one engine.
type recordSQL struct {
	// name quotes a name.
	name func(string) string
	// list joins texts with commas, and passes over NULL.
	list func(parts []string) string
	// each joins the texts that body makes of the entries v of a list.
	each func(list, v, body string) string
	// text is the JSON of a text, with the escapes of the canonical form; time that of
	// a timestamp.
	text, time func(x string) string
	// checksum is the Base64 of the SHA-256 of a text.
	checksum func(x string) string
}

var (
	duckRecord = recordSQL{
		name: quoteName,
		list: func(parts []string) string { return "concat_ws(',', " + strings.Join(parts, ", ") + ")" },
		each: func(list, v, body string) string {
			return "array_to_string(list_transform(" + list + ", lambda " + v + " : " + body + "), ',')"
		},
		// Escapes exactly what the canonical form escapes.
		text:     func(x string) string { return "CAST(to_json(" + x + ") AS VARCHAR)" },
		time:     func(x string) string { return "strftime(" + x + `, '"%Y-%m-%dT%H:%M:%SZ"')` },
		checksum: func(x string) string { return "to_base64(unhex(sha256(" + x + ")))" },
	}
	trinoRecord = recordSQL{
		name: syntax.QuoteName,
		list: func(parts []string) string { return "array_join(ARRAY[" + strings.Join(parts, ", ") + "], ',')" },
		each: func(list, v, body string) string {
			return "array_join(transform(" + list + ", " + v + " -> " + body + "), ',')"
		},
		// Trino's writer of JSON (Jackson) escapes what the canonical form does: quotes,
		// backslashes and control characters, in the same forms.
		text:     func(x string) string { return "json_format(CAST(" + x + " AS json))" },
		time:     func(x string) string { return "'\"' || " + dialect.RecordTime(x) + " || '\"'" },
		checksum: func(x string) string { return "to_base64(sha256(to_utf8(" + x + ")))" },
	}
)

// eventJSON returns the expression of a record's text: what was delivered, or the
// canonical text rebuilt from the columns of table p. Absent members are left out,
// JSON blocks stand as they are, an empty struct is {}.
func (s recordSQL) eventJSON(p string) string {
	return "coalesce(" + p + "." + s.name(schema.ColRaw) + ", " + s.object(p, schema.DeliveredColumns()) + ")"
}

// object returns the text of an object with the given members of p.
func (s recordSQL) object(p string, members []schema.Column) string {
	parts := make([]string, len(members))
	for i, m := range members {
		// NULL when the value is.
		parts[i] = quoteText(`"`+m.Key+`":`) + " || " + s.value(p+"."+s.name(m.Name), m)
	}
	return "'{' || " + s.list(parts) + " || '}'"
}

// value returns the JSON text of a column, NULL where it is NULL.
func (s recordSQL) value(p string, c schema.Column) string {
	switch c.Kind {
	case schema.KindBool:
		return "CAST(" + p + " AS VARCHAR)"
	case schema.KindTimestamp:
		return s.time(p)
	case schema.KindJSON:
		return p
	case schema.KindStruct:
		return "CASE WHEN " + p + " IS NOT NULL THEN " + s.object(p, c.Delivered()) + " END"
	case schema.KindList:
		return "'[' || " + s.each(p, "r", s.entry("r", c)) + " || ']'"
	default:
		return s.text(p)
	}
}

// entry returns the text of an entry of resources, which AWS delivers in one of two
// orders.
func (s recordSQL) entry(p string, c schema.Column) string {
	members := c.Delivered()
	first := make([]schema.Column, 0, len(members))
	var rest []schema.Column
	for _, m := range members {
		if m.Name == "arn" || m.Name == "arnprefix" {
			first = append(first, m)
		} else {
			rest = append(rest, m)
		}
	}
	return "CASE WHEN " + p + ".arnfirst THEN " + s.object(p, append(first, rest...)) + " ELSE " + s.object(p, members) + " END"
}

// holds returns a condition of DuckDB that is true wherever a text stands in the text of a
// record: it is looked for in the parts, so that the whole need not be made. Without a
// character that stands around or between the strings of JSON, the text can only stand within
// one of them, or in a number. It returns "" for other texts, and for those that stand in
// the name of a member or in a constant, which many records have.
func (s recordSQL) holds(p, text string) string {
	if len(text) < 2 || strings.ContainsFunc(text, func(r rune) bool { return !inToken(r) }) {
		return ""
	}
	for _, constant := range []string{"true", "false", "null"} {
		if strings.Contains(constant, text) {
			return ""
		}
	}
	parts := []string{contains(p+"."+s.name(schema.ColRaw), text)}
	for _, c := range schema.DeliveredColumns() {
		more, ok := s.parts(p+"."+s.name(c.Name), c, text)
		if !ok {
			return ""
		}
		parts = append(parts, more...)
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func contains(in, text string) string { return "contains(" + in + ", " + quoteText(text) + ")" }

// parts returns conditions of which one is true wherever a text stands in the JSON text of a
// column; false says that it is in the name of a member.
func (s recordSQL) parts(p string, c schema.Column, text string) ([]string, bool) {
	if strings.Contains(c.Key, text) {
		return nil, false
	}
	switch c.Kind {
	case schema.KindBool:
		return nil, true
	case schema.KindTimestamp:
		if strings.Trim(text, "0123456789-TZ") != "" {
			return nil, true
		}
	case schema.KindStruct, schema.KindList:
		var all []string
		for _, m := range c.Delivered() {
			more, ok := s.parts(p+"."+s.name(m.Name), m, text)
			if !ok {
				return nil, false
			}
			all = append(all, more...)
		}
		if c.Kind == schema.KindStruct {
			return all, true
		}
	}
	if rest := text[escaped(text):]; c.Kind == schema.KindString && len(rest) >= 4 {
		return []string{contains(p, rest)}, true
	}
	return []string{contains(s.value(p, c), text)}, true
}

// escaped returns how much of the beginning of a text may be the end of an escape in the JSON
// text of another, such as \n or \u001f; the rest then stands in the other as it is.
func escaped(text string) int {
	switch {
	case strings.ContainsRune("u0123456789abcdefABCDEF", rune(text[0])):
		return min(len("u001f"), len(text))
	case strings.ContainsRune("nrt", rune(text[0])):
		return 1
	}
	return 0
}

// inToken reports whether a character stands in strings and numbers of JSON as it is, and
// nowhere else.
func inToken(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./@=*+", r)
}
