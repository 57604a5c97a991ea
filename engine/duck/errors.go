package duck

import (
	"encoding/json"
	"strconv"
	"strings"

	"traillake/engine"
)

// classes maps DuckDB's exception types; the rest is engine.ClassOther.
var classes = map[string]engine.ErrorClass{
	"Parser":                engine.ClassSyntax,
	"Syntax":                engine.ClassSyntax,
	"Binder":                engine.ClassBind,
	"Catalog":               engine.ClassBind,
	"Parameter Not Allowed": engine.ClassBind,
	"Out of Memory":         engine.ClassMemory,
	"Permission":            engine.ClassDenied,
	"INTERNAL":              engine.ClassInternal,
	"FATAL":                 engine.ClassInternal,
}

// parseError reads DuckDB's error text, which is JSON where errors_as_json has
// taken effect, sometimes behind the exception's name.
func parseError(text string) error {
	if i := strings.IndexByte(text, '{'); i >= 0 {
		var v struct {
			Type     string `json:"exception_type"`
			Message  string `json:"exception_message"`
			Position string `json:"position"`
		}
		if json.Unmarshal([]byte(text[i:]), &v) == nil && v.Message != "" {
			e := &engine.ExecError{Class: classes[v.Type], Message: cleanMessage(v.Message), Offset: -1}
			if n, err := strconv.Atoi(v.Position); err == nil {
				e.Offset = n
			}
			return e
		}
	}
	e := &engine.ExecError{Message: cleanMessage(text), Offset: -1}
	if kind, rest, ok := strings.Cut(e.Message, " Error: "); ok && len(kind) < 30 {
		e.Class, e.Message = classes[kind], rest
	}
	return e
}

// cleanMessage drops what DuckDB appends for people who typed the SQL themselves:
// the LINE context, which may point into text that the engine wrote, and stack
// traces.
func cleanMessage(s string) string {
	for _, mark := range []string{"\n\nLINE ", "\nLINE ", "\n\nStack Trace", "\nStack Trace"} {
		if i := strings.Index(s, mark); i >= 0 {
			s = s[:i]
		}
	}
	return strings.TrimSpace(s)
}
