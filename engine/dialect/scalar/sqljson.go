package scalar

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"traillake/engine/dialect/jsonpath"
)

// sqlJSONFuncs are the functions of SQL/JSON. Those with a path take the document, the
// path, a mode and the values of the path's variables. The mode begins with letters
// that say what to do, and goes on with the variables' names behind line feeds. A value
// is text behind a letter for its type: see variableOf.
var sqlJSONFuncs = []Func{
	{"t_sql_json_exists", "sssL", Text, sqlJSONExists},
	{"t_sql_json_query", "sssL", Text, sqlJSONQuery},
	{"t_sql_json_value", "sssL", Text, sqlJSONValue},
	{"t_sql_json_object", "LLs", Text, sqlJSONObject},
	{"t_sql_json_array", "Ls", Text, sqlJSONArray},
}

// The modes. JSON_EXISTS has one letter: what an error gives. JSON_QUERY has four: the
// wrapper, what to do with quotes, what an empty result gives and what an error gives.
// JSON_VALUE has three: what is wanted, empty and error. JSON_OBJECT has two, for NULL
// and for keys that stand twice; JSON_ARRAY has that for NULL.
const (
	modeError       = '!'
	modeNull        = 'n'
	modeDefault     = 'd'
	modeTrue        = 't'
	modeFalse       = 'f'
	modeEmptyArray  = 'a'
	modeEmptyObject = 'o'

	modeUnwrapped = 'w'
	modeWrapped   = 'u' // WITH UNCONDITIONAL WRAPPER
	modeWrapMany  = 'c' // WITH CONDITIONAL WRAPPER
	modeQuotes    = 'k'
	modeNoQuotes  = 'o'

	modeText    = 's'
	modeBoolean = 'b'
	modeWhole   = 'i'
	modeNumber  = 'f'

	modeUnique = 'u'
	modeAbsent = 'a'
)

// maxWrapped bounds the bytes of the array that JSON_QUERY makes of the items of a path.
const maxWrapped = 64 << 20

// maxPaths bounds the compiled paths that are kept.
const maxPaths = 256

var jsonPaths = struct {
	sync.RWMutex
	m map[string]*jsonpath.Path
}{m: map[string]*jsonpath.Path{}}

func compilePath(text string) (*jsonpath.Path, error) {
	jsonPaths.RLock()
	p := jsonPaths.m[text]
	jsonPaths.RUnlock()
	if p != nil {
		return p, nil
	}
	text = strings.Clone(text) // the path keeps parts of it
	p, err := jsonpath.Compile(text)
	if err != nil {
		return nil, badArgument("Invalid JSON path: '%s'", text)
	}
	jsonPaths.Lock()
	defer jsonPaths.Unlock()
	if len(jsonPaths.m) >= maxPaths {
		clear(jsonPaths.m)
	}
	jsonPaths.m[text] = p
	return p, nil
}

func pathError(err error) error {
	return &Error{"PATH_EVALUATION_ERROR", "path evaluation failed: " + err.Error()}
}

func inputError(err error) error {
	return &Error{"JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: " + err.Error()}
}

// items evaluates the path of a call. bad is an error of the path or of JSON text.
func items(r *Row) (list []jsonpath.Value, bad, err error) {
	_, rest, named := strings.Cut(r.S[2], "\n")
	p, err := compilePath(r.S[1])
	if err != nil {
		return nil, nil, err
	}
	var vars map[string]jsonpath.Value
	if named {
		names := strings.Split(rest, "\n")
		vars = make(map[string]jsonpath.Value, len(names))
		for i, n := range names {
			if r.L[3].Null[i] {
				vars[n] = jsonpath.Value{}
				continue
			}
			if vars[n], bad = variableOf(r.L[3].V[i]); bad != nil {
				return nil, bad, nil
			}
		}
	}
	list, notJSON, bad := p.Find(r.S[0], vars)
	switch {
	case notJSON != nil:
		return nil, inputError(notJSON), nil
	case bad != nil:
		return nil, pathError(bad), nil
	}
	return list, nil, nil
}

// variableOf reads a value: a letter for its type, and its text.
func variableOf(s string) (jsonpath.Value, error) {
	text := s[1:]
	switch s[0] {
	case 's':
		return jsonpath.Value{Kind: jsonpath.String, Str: text}, nil
	case 't':
		return jsonpath.Value{Kind: jsonpath.Bool, Bool: text == "true"}, nil
	case 'd':
		f, err := ParseDouble(text)
		return jsonpath.Value{Kind: jsonpath.Number, Num: jsonpath.Num{IsDouble: true, Float: f}}, err
	}
	if s[0] == 'n' && strings.IndexByte(text, '.') >= 0 {
		n, err := jsonpath.Decimal(text)
		return jsonpath.Value{Kind: jsonpath.Number, Num: n}, err
	}
	v, err := jsonpath.Parse(text)
	if err != nil {
		return v, inputError(err)
	}
	if s[0] == 'b' {
		v.Num.Wide = true
	}
	return v, nil
}

func sqlJSONExists(r *Row) error {
	list, bad, err := items(r)
	if err != nil {
		return err
	}
	r.Str = "false"
	switch {
	case bad == nil:
		if len(list) > 0 {
			r.Str = "true"
		}
	case r.S[2][0] == modeError:
		return bad
	case r.S[2][0] == modeTrue:
		r.Str = "true"
	case r.S[2][0] == modeNull:
		r.Null = true
	}
	return nil
}

func sqlJSONQuery(r *Row) error {
	list, bad, err := items(r)
	if err != nil {
		return err
	}
	mode := r.S[2]
	instead := func(behavior byte, err error) error {
		switch behavior {
		case modeError:
			return err
		case modeEmptyArray:
			r.Str = "[]"
		case modeEmptyObject:
			r.Str = "{}"
		default:
			r.Null = true
		}
		return nil
	}
	output := func(what string) error {
		return &Error{"JSON_OUTPUT_CONVERSION_ERROR", "cannot extract JSON: " + what}
	}
	switch {
	case bad != nil:
		return instead(mode[3], bad)
	case len(list) == 0:
		return instead(mode[2], output("JSON path found no items"))
	case mode[0] == modeWrapped || mode[0] == modeWrapMany && (len(list) > 1 || list[0].Kind != jsonpath.Array && list[0].Kind != jsonpath.Object):
		text, ok := jsonpath.Wrap(list, maxWrapped, DoubleText)
		if !ok {
			return instead(mode[3], output("the items have too much text"))
		}
		r.Str = text
	case len(list) > 1:
		return instead(mode[3], output("JSON path found multiple items"))
	case mode[1] == modeNoQuotes && list[0].Kind == jsonpath.String:
		r.Str = list[0].Str
	default:
		r.Str = list[0].Text(DoubleText)
	}
	return nil
}

// sqlJSONValue gives v and the text of the value, n for JSON's null, e for no item and
// x for an error. What raises is an error of the query.
func sqlJSONValue(r *Row) error {
	list, bad, err := items(r)
	if err != nil {
		return err
	}
	mode := r.S[2]
	value := func(what string) error {
		return &Error{"JSON_VALUE_RESULT_ERROR", "cannot extract SQL scalar from JSON: " + what}
	}
	failed := func(err error) error {
		r.Str = "x"
		if mode[2] == modeError {
			return err
		}
		return nil
	}
	switch {
	case bad != nil:
		return failed(bad)
	case len(list) == 0:
		r.Str = "e"
		if mode[1] == modeError {
			return value("JSON path found no items")
		}
		return nil
	case len(list) > 1:
		return failed(value("JSON path found multiple items"))
	}
	v := list[0]
	switch v.Kind {
	case jsonpath.Null:
		r.Str = "n"
	case jsonpath.String:
		r.Str = "v" + v.Str
	case jsonpath.Bool:
		r.Str = "vfalse"
		if v.Bool {
			r.Str = "vtrue"
		}
		if mode[0] == modeWhole || mode[0] == modeNumber {
			r.Str = "v0"
			if v.Bool {
				r.Str = "v1"
			}
		}
	case jsonpath.Number:
		text, err := v.Num.As(mode[0] == modeWhole, mode[0] == modeBoolean, CastDouble)
		if err != nil {
			return failed(value(err.Error()))
		}
		r.Str = "v" + text
	default:
		return failed(value("JSON path found an item that cannot be converted to an SQL value"))
	}
	return nil
}

// jsonElement writes a value of a list as JSON; NULL stands for JSON's null.
func jsonElement(l List, i int) (string, error) {
	if l.Null[i] {
		return "null", nil
	}
	v, err := variableOf(l.V[i])
	return v.Text(DoubleText), err
}

func sqlJSONObject(r *Row) error {
	keys, values := r.L[0], r.L[1]
	have := map[string]bool{}
	var members []entry
	for i, key := range keys.V {
		if keys.Null[i] {
			return badArgument("null value passed for JSON object key to JSON_OBJECT function")
		}
		if values.Null[i] && r.S[2][0] == modeAbsent {
			continue
		}
		text, err := jsonElement(values, i)
		switch {
		case err != nil:
			return err
		case have[key] && r.S[2][1] == modeUnique:
			return badArgument("duplicate key passed to JSON_OBJECT function")
		case have[key]:
			return &Error{"NOT_SUPPORTED", "cannot construct a JSON object with duplicate key"}
		}
		have[key] = true
		members = append(members, entry{key, text})
	}
	inHashOrder(members)
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(jsonpath.AppendString(b, m.key), ':'), m.value...)
	}
	r.Str = string(append(b, '}'))
	return nil
}

// inHashOrder sorts members as a HashMap of Java has them, which is what Trino makes the object of.
func inHashOrder(members []entry) {
	buckets := uint32(16)
	for len(members) > int(buckets)/4*3 {
		buckets *= 2
	}
	bucket := func(e entry) uint32 {
		h := uint32(0)
		for _, unit := range utf16.Encode([]rune(e.key)) {
			h = 31*h + uint32(unit)
		}
		return (h ^ h>>16) & (buckets - 1)
	}
	slices.SortStableFunc(members, func(a, b entry) int { return cmp.Compare(bucket(a), bucket(b)) })
}

func sqlJSONArray(r *Row) error {
	var texts []string
	for i := range r.L[0].V {
		if r.L[0].Null[i] && r.S[1][0] == modeAbsent {
			continue
		}
		text, err := jsonElement(r.L[0], i)
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	r.Str = "[" + strings.Join(texts, ",") + "]"
	return nil
}
