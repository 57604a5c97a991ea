package scalar

import (
	"slices"
	"strconv"
	"strings"

	"traillake/engine/dialect/jsonpath"
)

// jsonFuncs are the functions of JSON. Steps within a value are a JSON pointer.
var jsonFuncs = []Func{
	{"t_json_scalar", "ss", Text, func(r *Row) error {
		if v, ok := at(r.S[0], r.S[1]); ok {
			return r.setText(scalarText(v))
		}
		r.Null = true
		return nil
	}},
	{"t_json_extract", "ss", JSON, func(r *Row) error { return r.setText(encoded(extract(r.S[0], r.S[1]))) }},
	// As it stands in the record, for what is stored.
	{"t_json_cut", "ss", JSON, func(r *Row) error { return r.setText(extract(r.S[0], r.S[1])) }},
	{"t_json_size", "ss", Int, func(r *Row) error { return jsonSize(r, r.S[1]) }},
	{"t_json_size_at", "ss", Int, atPath(jsonSize)},
	{"t_json_scalar_at", "ss", Text, atPath(func(r *Row, pointer string) error {
		if v, ok := at(r.S[0], pointer); ok {
			return r.setText(scalarText(v))
		}
		r.Null = true
		return nil
	})},
	{"t_json_extract_at", "ss", JSON, atPath(func(r *Row, pointer string) error { return r.setText(encoded(extract(r.S[0], pointer))) })},
	{"t_json", "s", JSON, func(r *Row) error { return r.setText(r.S[0], true) }},
	{"t_json_parse", "s", JSON, func(r *Row) error {
		s, err := Canonical(r.S[0])
		r.Str = s
		return err
	}},
	{"t_json_array_get", "si", JSON, jsonArrayGet},
	{"t_json_array_length", "s", Int, func(r *Row) error {
		n := int64(0)
		ok := elements(r.S[0], space(r.S[0], 0), func(int, int) bool { n++; return true })
		r.Num, r.Null = n, !ok
		return nil
	}},
	{"t_json_array_contains", "sss", Bool, jsonArrayContains},
	{"t_is_json_scalar", "s", Bool, func(r *Row) error {
		v, err := Canonical(r.S[0])
		if err != nil {
			return badArgument("Invalid JSON value: %s", r.S[0])
		}
		r.Bool = v[0] != '{' && v[0] != '['
		return nil
	}},
	{"t_json_text", "sb", Text, func(r *Row) error {
		v := strings.TrimSpace(r.S[0])
		switch {
		case v == "" || v[0] == '{' || v[0] == '[':
			return r.tried(r.B[1], badCast("Cannot cast '%s' to varchar", r.S[0]))
		case v[0] == '-' || v[0] >= '0' && v[0] <= '9':
			return r.setText(castNumber(v), true)
		}
		return r.setText(scalarText(v))
	}},
	{"t_json_boolean", "sb", Bool, jsonBoolean},
	{"t_json_integer", "ssb", Int, jsonInteger},
	{"t_json_double", "sb", Float, func(r *Row) error {
		v, ok := jsonScalar(r)
		if r.Null {
			return nil
		}
		f, err := ParseDouble(v)
		r.Float = f
		if !ok || err != nil {
			return r.tried(r.B[1], badCast("Cannot cast '%s' to double", r.S[0]))
		}
		return nil
	}},
	{"t_json_decimal", "siib", Text, func(r *Row) error {
		v, ok := jsonScalar(r)
		if r.Null {
			return nil
		}
		s, err := toDecimal(v, int(r.I[1]), int(r.I[2]))
		r.Str = s
		if !ok || err != nil {
			return r.tried(r.B[3], badCast("Cannot cast '%s' to DECIMAL(%d,%d)", r.S[0], r.I[1], r.I[2]))
		}
		return nil
	}},
	// Of what DuckDB writes: see AppendString of jsonpath.
	{"t_json_escaped", "s", JSON, func(r *Row) error { return r.setText(jsonpath.Escaped(r.S[0]), true) }},
	{"t_json_array", "sb", Texts, func(r *Row) error {
		list, ok := listOf(r.S[0])
		switch {
		case ok:
			r.List = List{V: list}
		case orNull(r.S[0])[0] == 'n':
			r.Null = true
		default:
			return r.tried(r.B[1], badCast("Cannot cast to array. Expected a json array, but got %s", r.S[0]))
		}
		return nil
	}},
	{"t_json_elements", "s", Texts, func(r *Row) error {
		list, ok := listOf(r.S[0])
		r.List, r.Null = List{V: list}, !ok
		return nil
	}},
	{"t_json_keys", "sb", Texts, func(r *Row) error { return jsonEntries(r, true) }},
	{"t_json_values", "sb", Texts, func(r *Row) error { return jsonEntries(r, false) }},
	{"t_json_field", "ssi", JSON, func(r *Row) error {
		s := r.S[0]
		i := space(s, 0)
		r.Null = true
		members(s, i, func(key string, from, to int) bool {
			// Trino looks for keys in lower case (JsonUtil.parseJsonToSingleRowBlock), so that it
			// finds none for a name of a field with others.
			if strings.ToLower(unescape(key)) != r.S[1] {
				return true
			}
			r.Str, r.Null = s[from:to], false
			return false
		})
		n := r.I[2]
		elements(s, i, func(from, to int) bool {
			if n--; n >= 0 {
				return true
			}
			r.Str, r.Null = s[from:to], false
			return false
		})
		return nil
	}},
	// The functions of text-backed maps.
	{"t_map_get", "ss", Text, func(r *Row) error {
		s := r.S[0]
		r.Null = true
		members(s, space(s, 0), func(key string, from, to int) bool {
			if !sameKey(key, r.S[1]) {
				return true
			}
			r.Str, r.Null = mapValue(s[from:to])
			return true // the last of a key counts
		})
		return nil
	}},
	{"t_map_has", "ss", Bool, func(r *Row) error {
		r.Bool = false
		members(r.S[0], space(r.S[0], 0), func(key string, _, _ int) bool {
			r.Bool = sameKey(key, r.S[1])
			return !r.Bool
		})
		return nil
	}},
	{"t_map_keys", "s", Texts, func(r *Row) error {
		e, ok := sortedEntries(r.S[0])
		r.Null = !ok
		r.List = List{V: make([]string, len(e))}
		for i := range e {
			r.List.V[i] = textOf(e[i].key)
		}
		return nil
	}},
	{"t_map_values", "s", Texts, func(r *Row) error {
		e, ok := sortedEntries(r.S[0])
		r.Null = !ok
		r.List = List{V: make([]string, len(e)), Null: make([]bool, len(e))}
		for i := range e {
			r.List.V[i], r.List.Null[i] = mapValue(e[i].value)
		}
		return nil
	}},
}

// mapValue is a value of an object as one of map(varchar,varchar).
func mapValue(v string) (s string, null bool) {
	switch v[0] {
	case 'n':
		return "", true
	case '"':
		return unquote(v), false
	case '{', '[':
		return compact(v), false
	}
	return v, false
}

type entry struct{ key, value string }

// sortedEntries are the members of an object by key, the last of each.
func sortedEntries(s string) ([]entry, bool) {
	var e []entry
	ok := members(s, space(s, 0), func(key string, from, to int) bool {
		e = append(e, entry{unescape(key), s[from:to]})
		return true
	})
	if !ok {
		return nil, false
	}
	slices.Reverse(e)
	return slices.CompactFunc(sortEntries(e), func(a, b entry) bool { return a.key == b.key }), true
}

// sortEntries sorts by key and keeps the order of equal ones.
func sortEntries(e []entry) []entry {
	slices.SortStableFunc(e, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	return e
}

func orNull(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return "null"
	}
	return s
}

// extract returns the value at a pointer without blanks.
func extract(s, pointer string) (string, bool) {
	v, ok := at(s, pointer)
	if !ok {
		return "", false
	}
	return compact(v), true
}

// encoded writes what was extracted as json_extract does: Trino reads it and writes it again
// (JsonExtract.JsonValueJsonExtractor), so that escapes are those that are needed and numbers with a
// point are doubles. Keys stay as they are.
func encoded(v string, ok bool) (string, bool) {
	if !ok || !rewritten(v) {
		return v, ok
	}
	p := parser{s: v, asIs: true}
	if b, ok := p.value(nil, 0); ok {
		return string(b), true
	}
	return v, true
}

// rewritten says whether JSON text has what Trino writes otherwise: an escape, a number with a point
// or an exponent, -0, a character beyond the first 65,536.
func rewritten(v string) bool {
	if strings.IndexByte(v, '\\') >= 0 || jsonpath.Beyond(v) >= 0 {
		return true
	}
	number := false // what begins like one
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			end := skipString(v, i)
			if end < 0 {
				return false
			}
			i = end - 1
		case c == '-':
			if strings.HasPrefix(v[i:], "-0") {
				return true
			}
			number = true
		case c >= '0' && c <= '9':
			number = true
		case number && (c == '.' || c == 'e' || c == 'E'):
			return true
		default:
			number = false
		}
	}
	return false
}

var blank = [256]bool{' ': true, '\n': true, '\t': true, '\r': true}

// compact takes blanks outside of strings out of JSON text.
func compact(v string) string {
	first := 0
	for first < len(v) && !blank[v[first]] {
		if v[first] != '"' {
			first++
		} else if first = skipString(v, first); first < 0 {
			return v
		}
	}
	if first == len(v) {
		return v
	}
	b := append(make([]byte, 0, len(v)), v[:first]...)
	for i := first; i < len(v); i++ {
		switch v[i] {
		case ' ', '\n', '\t', '\r':
		case '"':
			end := skipString(v, i)
			if end < 0 {
				end = len(v)
			}
			b = append(b, v[i:end]...)
			i = end - 1
		default:
			b = append(b, v[i])
		}
	}
	return string(b)
}

func listOf(s string) ([]string, bool) {
	list := []string{}
	ok := elements(s, space(s, 0), func(from, to int) bool {
		list = append(list, compact(s[from:to]))
		return true
	})
	return list, ok
}

func jsonEntries(r *Row, keys bool) error {
	e, ok := sortedEntries(r.S[0])
	if !ok {
		if orNull(r.S[0])[0] == 'n' {
			r.Null = true
			return nil
		}
		return r.tried(r.B[1], badCast("Cannot cast to map. Expected a json object, but got %s", r.S[0]))
	}
	r.List = List{V: make([]string, len(e))}
	for i := range e {
		r.List.V[i] = compact(e[i].value)
		if keys {
			r.List.V[i] = textOf(e[i].key)
		}
	}
	return nil
}

// jsonArrayGet gives an element as Trino does: the text of a string without its quotes, which is no
// JSON any more, numbers as they are written, and arrays and objects as a tree of them is written
// again. What stands behind the element is not read where the index counts from the beginning.
func jsonArrayGet(r *Row) error {
	s, n := r.S[0], r.I[1]
	i := space(s, 0)
	if n < 0 {
		count := int64(0)
		if !elements(s, i, func(int, int) bool { count++; return true }) {
			count = 0
		}
		n += count
	}
	r.Null = true
	if n < 0 || n > int64(len(s)) || i >= len(s) || s[i] != '[' {
		return nil
	}
	if i = nth(s, i, int(n)); i < 0 || i >= len(s) {
		return nil
	}
	p := parser{s: s, i: i, tree: true}
	if s[i] == '"' {
		text, ok := p.str()
		return r.setText(textOf(text), ok)
	}
	b, ok := p.value(nil, 0)
	if !ok || string(b) == "null" {
		return nil
	}
	if s[i] != '[' && s[i] != '{' {
		b = []byte(s[i:p.i])
	}
	return r.setText(string(b), true)
}

func jsonArrayContains(r *Row) error {
	list, ok := listOf(r.S[0])
	if r.Null = !ok; !ok {
		return nil
	}
	r.Bool = slices.ContainsFunc(list, func(v string) bool {
		number := v[0] == '-' || v[0] >= '0' && v[0] <= '9'
		switch r.S[1] {
		case "s":
			return v[0] == '"' && unquote(v) == r.S[2]
		case "b":
			return v == r.S[2]
		case "i":
			return number && v == r.S[2]
		default:
			a, err1 := strconv.ParseFloat(v, 64)
			b, err2 := strconv.ParseFloat(r.S[2], 64)
			return number && strings.ContainsAny(v, ".eE") && err1 == nil && err2 == nil && a == b
		}
	})
	return nil
}

func jsonBoolean(r *Row) error {
	v := orNull(r.S[0])
	s, ok := scalarText(v)
	switch {
	case v[0] == 'n':
		r.Null = true
		return nil
	case v[0] == '"':
		b, err := toBoolean(s)
		r.Bool = b
		return r.tried(r.B[1], err)
	case ok && (s == "true" || s == "false"):
		r.Bool = s == "true"
		return nil
	case ok && !strings.ContainsAny(s, ".eE"):
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			r.Bool = n != 0
			return nil
		}
	case ok:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			r.Bool = f != 0
			return nil
		}
	}
	return r.tried(r.B[1], badCast("Cannot cast '%s' to boolean", r.S[0]))
}

func jsonInteger(r *Row) error {
	v := orNull(r.S[0])
	if v[0] == 'n' {
		r.Null = true
		return nil
	}
	s, ok := scalarText(v)
	var n int64
	err := error(nil)
	switch {
	case !ok:
		err = badCast("Cannot cast '%s' to %s", r.S[0], r.S[1])
	case s == "true":
		n = 1
	case s == "false":
		n = 0
	case v[0] != '"' && strings.ContainsAny(s, ".eE"):
		var f float64
		if f, err = strconv.ParseFloat(s, 64); err == nil {
			n, err = roundInteger(f, r.S[1])
		}
	default:
		n, err = toInteger(s, r.S[1])
	}
	r.Num = n
	if err != nil {
		err = badCast("Cannot cast '%s' to %s", r.S[0], r.S[1])
	}
	return r.tried(r.B[2], err)
}

// jsonScalar returns the first argument as text that casts to a number, with 1 and 0 for true and
// false. JSON's null is NULL; ok is false for objects and arrays.
func jsonScalar(r *Row) (text string, ok bool) {
	v := orNull(r.S[0])
	switch v {
	case "true":
		return "1", true
	case "false":
		return "0", true
	}
	r.Null = v[0] == 'n'
	return scalarText(v)
}

func jsonSize(r *Row, pointer string) error {
	v, ok := at(r.S[0], pointer)
	if r.Null = !ok; !ok {
		return nil
	}
	n := int64(0)
	members(v, 0, func(string, int, int) bool { n++; return true })
	elements(v, 0, func(int, int) bool { n++; return true })
	r.Num = n
	return nil
}
