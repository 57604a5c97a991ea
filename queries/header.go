package queries

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	headerKey = regexp.MustCompile(`^ ?([a-z][a-z-]*):(.*)$`)
	paramLine = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)\s*:\s*([A-Za-z]+)\s*(?:=(.*))?$`)
	paramName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// setters say where the value of each header key goes. params has a form of its
// own.
var setters = map[string]func(*Query, string){
	"name":            func(q *Query, v string) { q.Name = v },
	"title":           func(q *Query, v string) { q.Title = v },
	"description":     func(q *Query, v string) { q.Description = v },
	"tags":            func(q *Query, v string) { q.Tags = list(v) },
	"severity":        func(q *Query, v string) { q.Severity = v },
	"technique":       func(q *Query, v string) { q.Techniques = list(v) },
	"apis":            func(q *Query, v string) { q.APIs = list(v) },
	"false-positives": func(q *Query, v string) { q.FalsePositives = v },
	"next":            func(q *Query, v string) { q.Next = v },
}

// header reads the comment lines at the head of a file.
type header struct {
	q    *Query
	errs []error
	seen map[string]int // key → line

	key    string   // the key whose value is being read; empty before the first
	at     int      // the line of that key
	value  []string // its lines so far
	indent int      // of the first parameter, in the value of params
}

func (h *header) fail(line int, format string, args ...any) {
	h.errs = append(h.errs, &FileError{File: h.q.File, Line: line, Err: fmt.Errorf(format, args...)})
}

// line takes the text of one comment line, without the dashes.
func (h *header) line(n int, text string) {
	if m := headerKey.FindStringSubmatch(text); m != nil {
		h.begin(n, m[1], strings.TrimSpace(m[2]))
		return
	}
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	body := strings.TrimSpace(text)
	switch {
	case body == "" && h.key == "params":
		// An empty line among the parameters only sets them apart.
	case body == "":
		h.value = append(h.value, "")
	case h.key == "":
		h.fail(n, "the header begins with %q, not with a key such as name:", body)
	case indent < 2 && !strings.HasPrefix(text, "\t"):
		h.fail(n, "%q is neither a key nor the rest of %s: indent it by two blanks or more, or leave an empty line before a comment on the SQL", body, h.key)
	case h.key == "params":
		h.param(n, indent, body)
	default:
		h.value = append(h.value, body)
	}
}

func (h *header) begin(n int, key, value string) {
	h.end()
	h.key, h.at, h.value, h.indent = key, n, []string{value}, 0
	if first, ok := h.seen[key]; ok {
		h.fail(n, "key %s is there twice, first in line %d", key, first)
	}
	h.seen[key] = n
	if _, ok := setters[key]; !ok && key != "params" {
		known := append(slices.Sorted(maps.Keys(setters)), "params")
		h.fail(n, "no key %q; the keys are %s", key, strings.Join(known, ", "))
	}
	if key == "params" && value != "" {
		h.fail(n, "a parameter stands on a line of its own below params:")
	}
}

// end hands over the value that is complete.
func (h *header) end() {
	if set := setters[h.key]; set != nil {
		set(h.q, paragraphs(h.value))
	}
}

func (h *header) param(n, indent int, body string) {
	if h.indent == 0 {
		h.indent = indent
	}
	if indent > h.indent && len(h.q.Params) > 0 {
		p := &h.q.Params[len(h.q.Params)-1]
		p.Doc = strings.TrimSpace(p.Doc + " " + body)
		return
	}
	p, err := parseParam(n, body)
	if err != nil {
		h.fail(n, "%w", err)
		return
	}
	if other := h.q.Param(p.Name); other != nil {
		h.fail(n, "parameter %s is declared twice, first in line %d", p.Name, other.Line)
		return
	}
	h.q.Params = append(h.q.Params, p)
}

func parseParam(n int, body string) (Param, error) {
	m := paramLine.FindStringSubmatch(body)
	if m == nil {
		return Param{}, fmt.Errorf("%q is no parameter: write name: type = default, such as since: timestamp = now - 7 days", body)
	}
	p := Param{Name: m[1], Line: n}
	if !paramName.MatchString(p.Name) {
		return Param{}, fmt.Errorf("parameter %s: a name consists of lower-case letters, digits and _", p.Name)
	}
	var err error
	if p.Type, err = ParseType(strings.ToLower(m[2])); err != nil {
		return Param{}, fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	if p.Optional = strings.Contains(body, "="); p.Optional {
		p.Default, err = unquote(strings.TrimSpace(m[3]))
		if err == nil {
			_, err = ParseValue(p.Type, p.Default, referenceTime)
		}
		if err != nil {
			return Param{}, fmt.Errorf("parameter %s: default: %w", p.Name, err)
		}
	}
	return p, nil
}

// unquote takes the quotes off a default that was written as a SQL string,
// which is the way to one with blanks at its ends.
func unquote(s string) (string, error) {
	if !strings.HasPrefix(s, "'") {
		return s, nil
	}
	end, err := quoted(s, 0, '\'')
	if err != nil {
		return "", err
	}
	if end != len(s) {
		return "", errors.New("text behind the closing quote")
	}
	return strings.ReplaceAll(s[1:end-1], "''", "'"), nil
}

// list splits a value at commas and leaves out what is empty.
func list(v string) []string {
	var out []string
	for _, part := range strings.Split(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// paragraphs joins the lines of a value: lines of a paragraph with a blank, and
// paragraphs and items of a list ("- …") with line breaks.
func paragraphs(lines []string) string {
	var b strings.Builder
	gap := ""
	for _, line := range lines {
		switch {
		case line == "":
			if b.Len() > 0 {
				gap = "\n\n"
			}
			continue
		case gap == "" && b.Len() > 0 && strings.HasPrefix(line, "- "):
			gap = "\n"
		case gap == "" && b.Len() > 0:
			gap = " "
		}
		b.WriteString(gap)
		b.WriteString(line)
		gap = ""
	}
	return b.String()
}
