// Package scalar holds functions of Trino that SQL of another engine cannot compute
// with Trino's exact results: JSON paths that keep a number's text, strict casts,
// Java's format, dates in Joda's patterns, Java's regular expressions and so on.
//
// Functions lists them with the types of their parameters. An engine calls Eval once
// for each row, from several goroutines, each with a Row of its own.
package scalar

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the type of a parameter or result.
type Kind byte

// The kinds.
const (
	Text  Kind = 's' // varchar
	Int   Kind = 'i' // bigint
	Float Kind = 'f' // double
	Bool  Kind = 'b' // boolean
	Bytes Kind = 'x' // varbinary
	JSON  Kind = 'j' // json; results only
	Texts Kind = 'L' // array(varchar)
)

// Func is a function.
type Func struct {
	// Name is the name by which SQL calls it; all begin with t_.
	Name string
	// Params are the kinds of the parameters in order. NULL in any of them gives
	// NULL without a call.
	Params string
	Result Kind
	// Eval computes a row's result. An *Error is an error of the query.
	Eval func(*Row) error
}

// Total reports whether the function has a result for all arguments that it is called with: a call
// never fails.
func (f Func) Total() bool { return total[f.Name] || strings.HasSuffix(f.Name, Fixed) }

// total are functions that never fail and are called on columns whose values repeat, so that it pays
// to know it.
var total = map[string]bool{
	"t_json": true, "t_json_escaped": true, "t_json_scalar": true, "t_json_extract": true, "t_json_cut": true, "t_json_array_length": true, "t_json_elements": true, "t_json_field": true,
	"t_map_get": true, "t_map_has": true, "t_map_keys": true, "t_map_values": true,
	"t_url_encode": true, "t_url_fragment": true, "t_url_host": true, "t_url_path": true, "t_url_protocol": true, "t_url_query": true,
	"t_url_port": true, "t_url_parameter": true,
	"t_replace_empty": true, "t_reverse": true, "t_trim": true,
	"t_crc32": true, "t_encode": true, "t_hash": true, "t_reverse_bytes": true, "t_ip_text": true,
	"t_double_text": true, "t_real_text": true, "t_double_cast": true, "t_as_real": true, "t_real_cast": true, "t_interval_text": true,
}

// List is an array of varchar. Null is nil where no element is NULL.
type List struct {
	V    []string
	Null []bool
}

// maxParams is the most parameters that a function has.
const maxParams = 4

// Row is the arguments of a call, and its result. Strings may lie in memory that is
// only valid during the call; the result may share it.
type Row struct {
	S [maxParams]string // text and bytes
	I [maxParams]int64
	F [maxParams]float64
	B [maxParams]bool
	L [maxParams]List

	// Null says that the result is NULL; else one of these is it.
	Null  bool
	Str   string
	Num   int64
	Float float64
	Bool  bool
	List  List
}

// Error is an error that a call raises, with Trino's code and words.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Message }

func badArgument(format string, args ...any) error {
	return &Error{"INVALID_FUNCTION_ARGUMENT", fmt.Sprintf(format, args...)}
}

func badCast(format string, args ...any) error {
	return &Error{"INVALID_CAST_ARGUMENT", fmt.Sprintf(format, args...)}
}

// tried turns an error into NULL where the call is TRY_CAST's.
func (r *Row) tried(try bool, err error) error {
	if try && err != nil {
		r.Null = true
		return nil
	}
	return err
}

// setText is the result of a function that may have none.
func (r *Row) setText(s string, ok bool) error {
	r.Str, r.Null = s, !ok
	return nil
}

// Functions returns all functions, sorted by name. The caller must not change them.
func Functions() []Func { return functions }

var functions = func() []Func {
	all := withFixed(slices.Concat(jsonFuncs, sqlJSONFuncs, listaggFuncs, castFuncs, timeFuncs, textFuncs, regexpFuncs, urlFuncs, byteFuncs, ipFuncs, numberFuncs, statisticFuncs))
	slices.SortFunc(all, func(a, b Func) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}()
