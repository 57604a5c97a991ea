package scalar

import (
	"math"
	"slices"
	"strings"
)

// Fixed ends the second names of functions that fail for some constants only, such as a pattern that
// is none, or not where they are to give NULL instead. By that name a function is called whose
// constants are right: see FixedBy. It is Total.
const Fixed = "_fixed"

// fixable are the functions that have a second name.
var fixable = []string{
	"t_date_format", "t_format_datetime", "t_from_utf8", "t_normalize", "t_split", "t_strpos", "t_word_stem", "t_zone_instant", "t_zone_offset",
	"t_rx_like", "t_rx_count", "t_rx_extract", "t_rx_extract_all", "t_rx_replace", "t_rx_split",
	// These never fail where their last argument, that they are TRY_CAST's, is true.
	"t_ip_bytes", "t_ip_cast", "t_ip_in_text", "t_json_array", "t_json_boolean", "t_json_double", "t_json_integer", "t_json_keys",
	"t_json_text", "t_json_values", "t_to_boolean", "t_to_date", "t_to_decimal", "t_to_double", "t_to_integer", "t_to_time", "t_to_timestamp",
}

// withFixed returns functions and those that have a second name once more.
func withFixed(all []Func) []Func {
	for _, f := range all {
		if slices.Contains(fixable, f.Name) {
			f.Name += Fixed
			all = append(all, f)
		}
	}
	return all
}

// Fixable returns the functions that have a second name, by their first.
func Fixable() map[string]Func {
	m := make(map[string]Func, len(fixable))
	for _, f := range functions {
		if slices.Contains(fixable, f.Name) {
			m[f.Name] = f
		}
	}
	return m
}

// FixedBy reports whether calls of a function that is Fixable cannot fail that have the given
// constants: texts, int64 and bool, and nil for what is none. Regular expressions that repeat a group
// are not taken for such, since it may take for ever to find that a text does not match.
func (f Func) FixedBy(constants []any) bool {
	switch {
	case len(constants) != len(f.Params):
		return false
	case strings.HasPrefix(f.Name, "t_rx_"):
		return fixedPattern(constants)
	}
	for i, c := range constants {
		if c == nil && i > 0 && (i != 1 || f.Name != "t_ip_in_text") {
			return false
		}
	}
	// What is wrong with constants is found whatever the other argument is, and no cast takes these.
	texts, ints := []string{"", "?", "\xff"}, []int64{0, -1, math.MinInt64}
	for n := range texts {
		r := rowOf(constants)
		if i := slices.Index(constants, nil); i >= 0 {
			r.S[i], r.I[i] = texts[n], ints[n]
		}
		if f.Eval(&r) != nil {
			return false
		}
	}
	return true
}

// rowOf returns a row with the constants among its arguments.
func rowOf(constants []any) (r Row) {
	for i, c := range constants {
		switch c := c.(type) {
		case string:
			r.S[i] = c
		case int64:
			r.I[i] = c
		case bool:
			r.B[i] = c
		}
	}
	return r
}

// fixedPattern says whether the second argument is a regular expression that compiles, the third a
// group that it has, or a replacement that names none.
func fixedPattern(constants []any) bool {
	text, ok := constants[1].(string)
	if !ok {
		return false
	}
	re, err := compile(text)
	if err != nil {
		return false
	}
	// As the engine has it, for which a** repeats a group, too.
	text = re.String()
	repeats := strings.Contains(text, ")*") || strings.Contains(text, ")+") || strings.Contains(text, "){")
	if repeats || len(constants) < 3 {
		return !repeats
	}
	switch c := constants[2].(type) {
	case string:
		return !strings.ContainsAny(c, `$\`)
	case int64:
		return 0 <= c && c < int64(len(re.GetGroupNumbers()))
	}
	return false
}
