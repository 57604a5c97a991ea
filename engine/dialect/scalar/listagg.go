package scalar

import (
	"strconv"
	"strings"
)

// maxListagg is the most bytes that LISTAGG gives: the size of a page of Trino.
const maxListagg = 1 << 20

// listaggFuncs join the values of LISTAGG. The mode is what to do with text that is too
// long: error, or to cut it behind the last value that fits, with or without a count of
// the others.
var listaggFuncs = []Func{
	{"t_listagg", "Lsss", Text, func(r *Row) error {
		sep, filler, mode := r.S[1], r.S[2], r.S[3]
		var b strings.Builder
		for i, v := range r.L[0].V {
			need := len(v)
			if i > 0 {
				need += len(sep)
			}
			if b.Len()+need > maxListagg {
				if mode == "error" {
					return &Error{"EXCEEDED_FUNCTION_MEMORY_LIMIT", "Concatenated string has the length in bytes larger than the maximum output length " + strconv.Itoa(maxListagg)}
				}
				if i > 0 {
					b.WriteString(sep)
				}
				b.WriteString(filler)
				if mode == "count" {
					b.WriteString("(" + strconv.Itoa(len(r.L[0].V)-i) + ")")
				}
				break
			}
			if i > 0 {
				b.WriteString(sep)
			}
			b.WriteString(v)
		}
		r.Str = b.String()
		return nil
	}},
}
