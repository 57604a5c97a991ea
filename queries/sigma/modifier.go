package sigma

import (
	"encoding/base64"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/dlclark/regexp2"
)

// modifiers are those that are understood, in the words of the specification.
var modifiers = []string{"contains", "startswith", "endswith", "all", "cased", "neq", "re", "i", "m", "s", "cidr", "exists", "lt", "lte",
	"gt", "gte", "fieldref", "base64", "base64offset", "wide", "utf16", "utf16le", "utf16be", "windash"}

// modified is a key of a selection: a field and what its values go through.
type modified struct {
	field string // empty for keywords
	mods  []string
	line  int
}

func (m *modified) has(name string) bool { return slices.Contains(m.mods, name) }

// newModified reads field|modifier|modifier.
func newModified(key string, line int) (*modified, error) {
	parts := strings.Split(key, "|")
	m := &modified{field: parts[0], mods: parts[1:], line: line}
	for _, mod := range m.mods {
		if mod == "expand" {
			return nil, refuse(line, "modifier expand: the values of a placeholder are not in the rule; write them out in its place")
		}
		if !slices.Contains(modifiers, mod) {
			return nil, refuse(line, "modifier %s is not supported; those that are: %s", mod, strings.Join(modifiers, ", "))
		}
	}
	kinds := 0
	for _, kind := range []string{"re", "cidr", "exists", "lt", "lte", "gt", "gte", "fieldref", "base64", "base64offset"} {
		if m.has(kind) {
			kinds++
		}
	}
	places := 0
	for _, place := range []string{"contains", "startswith", "endswith"} {
		if m.has(place) {
			places++
		}
	}
	special := kinds > 0 && !m.has("fieldref") && !m.has("base64") && !m.has("base64offset")
	flags := m.has("i") || m.has("m") || m.has("s")
	wide := m.has("wide") || m.has("utf16") || m.has("utf16le") || m.has("utf16be")
	switch {
	case kinds > 1 || places > 1 || special && (places > 0 || m.has("windash") || m.has("cased")) || flags && !m.has("re"),
		m.has("fieldref") && m.has("windash"):
		return nil, refuse(line, "modifiers %s do not go together", strings.Join(m.mods, ", "))
	case wide && !m.has("base64") && !m.has("base64offset"):
		return nil, refuse(line, "modifier %s: records hold no UTF-16; it has a meaning only before base64 or base64offset", m.mods[0])
	case m.field == "" && (special && !m.has("re") || m.has("fieldref")):
		return nil, refuse(line, "modifiers %s need a field", strings.Join(m.mods, ", "))
	}
	return m, nil
}

// tests makes tests of one value; a record meets the value if it meets one of them.
func (m *modified) tests(v scalar) ([]test, error) {
	switch {
	case v.kind == scalarNull:
		if m.field == "" || len(m.mods) > 0 && !slices.Equal(m.mods, []string{"all"}) && !slices.Equal(m.mods, []string{"neq"}) {
			return nil, refuse(v.line, "null is the absence of a field and takes no modifier")
		}
		return []test{{kind: testNull}}, nil
	case m.has("exists"):
		if v.kind != scalarBool {
			return nil, refuse(v.line, "modifier exists takes true or false, not %q", v.text)
		}
		return []test{{kind: testExists, not: strings.EqualFold(v.text, "false")}}, nil
	case m.has("re"):
		flags := ""
		for _, flag := range []string{"i", "m", "s"} {
			if m.has(flag) {
				flags += flag
			}
		}
		expr := v.text
		if flags != "" {
			expr = "(?" + flags + ")" + expr
		}
		if err := checkRegexp(expr); err != nil {
			return nil, refuse(v.line, "regular expression %q: %v", v.text, err)
		}
		return []test{{kind: testRegexp, text: expr}}, nil
	case m.has("cidr"):
		prefix, err := netip.ParsePrefix(v.text)
		if err != nil {
			return nil, refuse(v.line, "modifier cidr takes a network such as 192.0.2.0/24, not %q", v.text)
		}
		return []test{{kind: testCIDR, text: prefix.Masked().String()}}, nil
	case m.has("fieldref"):
		other, err := lookUp(v.text)
		if err != nil {
			return nil, refuse(v.line, "modifier fieldref: %v", err)
		}
		return []test{{kind: testField, other: other, place: m.place(), cased: m.has("cased")}}, nil
	}
	for _, op := range []string{"lt", "lte", "gt", "gte"} {
		if m.has(op) {
			if !number.MatchString(v.text) {
				return nil, refuse(v.line, "modifier %s takes a number, not %q", op, v.text)
			}
			return []test{{kind: testNumber, op: op, text: v.text}}, nil
		}
	}
	return m.patterns(v)
}

var number = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`)

// checkRegexp reports an expression that the engine would not take: it takes RE2's, and
// where look-around or references are needed those of Java.
func checkRegexp(expr string) error {
	_, err := syntax.Parse(expr, syntax.Perl)
	if err == nil {
		return nil
	}
	if _, err2 := regexp2.Compile(expr, regexp2.None); err2 != nil {
		return err
	}
	return nil
}

func (m *modified) place() string {
	for _, place := range []string{"contains", "startswith", "endswith"} {
		if m.has(place) {
			return place
		}
	}
	return ""
}

// patterns applies the modifiers that change a text, in their order.
func (m *modified) patterns(v scalar) ([]test, error) {
	patterns := []pattern{parsePattern(v.text)}
	if v.kind != scalarText { // a number or boolean has no wildcards
		patterns = []pattern{{{text: v.text}}}
	}
	encode := func(s string) string { return s }
	for _, mod := range m.mods {
		var out []pattern
		switch mod {
		case "contains", "startswith", "endswith":
			for _, p := range patterns {
				out = append(out, p.surround(mod != "startswith", mod != "endswith"))
			}
		case "wide", "utf16le", "utf16be", "utf16":
			encode = func(s string) string { return encodeUTF16(s, mod) }
			continue
		case "base64", "base64offset":
			for _, p := range patterns {
				s, ok := p.plain()
				if !ok {
					return nil, refuse(v.line, "modifier %s takes no wildcards; write \\* for a star", mod)
				}
				out = append(out, inBase64(encode(s), mod == "base64offset")...)
			}
		case "windash":
			for _, p := range patterns {
				texts, err := dashes(p)
				if err != nil {
					return nil, refuse(v.line, "%v", err)
				}
				out = append(out, texts...)
			}
		default:
			continue
		}
		patterns = out
	}
	var tests []test
	for _, p := range patterns {
		if m.field == "" {
			p = p.surround(true, true)
		}
		tests = append(tests, test{kind: testPattern, pattern: p, cased: m.has("cased")})
	}
	return tests, nil
}

// inBase64 returns s as base64 shows it, and with offset as it shows it inside of a
// longer text: at each of the three places that it may have among the groups of three.
func inBase64(s string, offset bool) []pattern {
	if !offset {
		return []pattern{{{text: base64.StdEncoding.EncodeToString([]byte(s))}}}
	}
	var out []pattern
	for i, start := range []int{0, 2, 3} {
		end := []int{0, -3, -2}[(len(s)+i)%3]
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
		if start >= len(text)+end {
			continue // too short to show
		}
		out = append(out, pattern{{text: text[start : len(text)+end]}})
	}
	return out
}

func encodeUTF16(s, mod string) string {
	var b strings.Builder
	if mod == "utf16" {
		b.WriteString("\xff\xfe")
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if mod == "utf16be" {
			b.WriteByte(byte(u >> 8))
		}
		b.WriteByte(byte(u))
		if mod != "utf16be" {
			b.WriteByte(byte(u >> 8))
		}
	}
	return b.String()
}

var dash = regexp.MustCompile(`(^|[^A-Za-z0-9_])[-/]([A-Za-z0-9_])`)

// dashes returns p with each dash that begins an option written in the five ways that
// Windows takes.
func dashes(p pattern) ([]pattern, error) {
	const most = 4
	out := []pattern{nil}
	n := 0
	for _, part := range p {
		variants := []string{part.text}
		for _, place := range dash.FindAllStringSubmatchIndex(part.text, -1) {
			if n++; n > most {
				return nil, refuse(0, "modifier windash: more than %s dashes; write the value out", strconv.Itoa(most))
			}
			at := place[3]
			var more []string
			for _, v := range variants {
				cut := at + len(v) - len(part.text)
				for _, d := range []string{"-", "/", "–", "—", "―"} {
					more = append(more, v[:cut]+d+v[cut+1:])
				}
			}
			variants = more
		}
		var next []pattern
		for _, before := range out {
			for _, v := range variants {
				next = append(next, append(before[:len(before):len(before)], piece{v, part.wild}))
			}
		}
		out = next
	}
	return out, nil
}
