package dialect

import (
	"strings"

	"traillake/engine/dialect/scalar"
)

// mayFail reports whether a printed expression has something in it that ends a query with an
// error for some values: an error that it carries, or a call of ours that is not total. Numbers
// out of range are not looked for.
func mayFail(sql string) bool {
	sql = fixed(sql)
	return scan(sql, func(word string, open int) (bool, int) {
		switch {
		case word == "'!!":
			return true, 0
		case word == "TRY":
			return false, closing(sql, open)
		}
		return failable[word], 0
	})
}

// scan calls found with every function that a printed expression calls and where its parenthesis
// opens, and with texts that are errors, until it says that this is what is looked for; or else where to
// go on, if not at once.
func scan(sql string, found func(word string, open int) (is bool, next int)) bool {
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			if strings.HasPrefix(sql[i:], "'!!") {
				if is, _ := found("'!!", i); is {
					return true
				}
			}
			i = quotedEnd(sql, i)
		case wordByte(c):
			end := i
			for end < len(sql) && wordByte(sql[end]) {
				end++
			}
			word := sql[i:end]
			i = end
			if end == len(sql) || sql[end] != '(' {
				continue
			}
			is, next := found(word, end)
			if is {
				return true
			}
			i = max(i, next)
		default:
			i++
		}
	}
	return false
}

func wordByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// quotedEnd returns where the quoted text that begins at i ends. A quote in it is doubled, and
// so begins another.
func quotedEnd(sql string, i int) int {
	if k := strings.IndexByte(sql[i+1:], sql[i]); k >= 0 {
		return i + k + 2
	}
	return len(sql)
}

// closing returns where the bracket stands that closes the one at i.
func closing(sql string, i int) int {
	depth := 0
	for i < len(sql) {
		switch sql[i] {
		case '\'', '"':
			i = quotedEnd(sql, i)
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// failable are our functions that fail for some values. Those for regular expressions fail
// for patterns, which are mostly constants.
var failable = func() map[string]bool {
	all := make(map[string]bool)
	for _, f := range scalar.Functions() {
		if !f.Total() && !strings.HasPrefix(f.Name, "t_rx_") {
			all[f.Name] = true
		}
	}
	return all
}()
