package sigma_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The oracle decides whether a record meets a rule by walking through the record, with
// nothing of the package's own. It is slow and takes rules to be sound.

// oracle is a rule as YAML gives it.
type oracle struct {
	Detection map[string]any
}

func newOracle(text string) (*oracle, error) {
	o := &oracle{}
	return o, yaml.Unmarshal([]byte(text), o)
}

// matches evaluates the condition.
func (o *oracle) matches(record map[string]any, raw string) bool {
	condition, _, _ := strings.Cut(o.Detection["condition"].(string), "|")
	condition = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(condition)
	c := &oracleCondition{o, strings.Fields(condition), record, raw}
	return c.or()
}

type oracleCondition struct {
	o      *oracle
	tokens []string
	record map[string]any
	raw    string
}

func (c *oracleCondition) next() string {
	t := c.tokens[0]
	c.tokens = c.tokens[1:]
	return t
}

func (c *oracleCondition) is(word string) bool {
	if len(c.tokens) > 0 && c.tokens[0] == word {
		c.next()
		return true
	}
	return false
}

func (c *oracleCondition) or() bool {
	result := c.and()
	for c.is("or") {
		right := c.and()
		result = result || right
	}
	return result
}

func (c *oracleCondition) and() bool {
	result := c.not()
	for c.is("and") {
		right := c.not()
		result = result && right
	}
	return result
}

func (c *oracleCondition) not() bool {
	if c.is("not") {
		return !c.not()
	}
	if c.is("(") {
		result := c.or()
		c.next()
		return result
	}
	name := c.next()
	if !c.is("of") {
		return c.selection(c.o.Detection[name])
	}
	pattern := c.next()
	if pattern == "them" {
		pattern = "*"
	}
	any, all := false, true
	for selection, value := range c.o.Detection {
		if selection == "condition" || selection == "timeframe" || !wildcards(pattern).MatchString(selection) {
			continue
		}
		met := c.selection(value)
		any, all = any || met, all && met
	}
	if name == "all" {
		return all
	}
	return any
}

func (c *oracleCondition) selection(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			if !c.field(key, v) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(value, c.selection)
	}
	return c.field("", value)
}

func (c *oracleCondition) field(key string, value any) bool {
	mods := strings.Split(key, "|")
	path := mods[0]
	mods = mods[1:]
	values, ok := value.([]any)
	if !ok {
		values = []any{value}
	}
	met := func(v any) bool { return c.value(path, mods, v) }
	result := false
	if slices.Contains(mods, "all") {
		result = !slices.ContainsFunc(values, func(v any) bool { return !met(v) })
	} else {
		result = slices.ContainsFunc(values, met)
	}
	return result != slices.Contains(mods, "neq")
}

func (c *oracleCondition) value(path string, mods []string, v any) bool {
	has := func(mod string) bool { return slices.Contains(mods, mod) }
	if v == nil {
		return !exists(c.record, path)
	}
	if has("exists") {
		return exists(c.record, path) == v.(bool)
	}
	texts := []string{c.raw}
	if path != "" {
		texts = textsAt(c.record, path)
	}
	return slices.ContainsFunc(texts, func(text string) bool { return c.text(text, path == "", mods, v) })
}

func (c *oracleCondition) text(text string, keyword bool, mods []string, v any) bool {
	has := func(mod string) bool { return slices.Contains(mods, mod) }
	value := fmt.Sprint(v)
	fold := strings.ToLower
	if has("cased") {
		fold = func(s string) string { return s }
	}
	switch {
	case has("re"):
		flags := "(?"
		for _, f := range []string{"i", "m", "s"} {
			if has(f) {
				flags += f
			}
		}
		return regexp.MustCompile(strings.TrimSuffix(flags+")", "(?)") + value).MatchString(text)
	case has("cidr"):
		address, err := netip.ParseAddr(text)
		return err == nil && netip.MustParsePrefix(value).Contains(address)
	case has("lt"), has("lte"), has("gt"), has("gte"):
		a, err := strconv.ParseFloat(text, 64)
		b, _ := strconv.ParseFloat(value, 64)
		return err == nil && (has("lt") && a < b || has("lte") && a <= b || has("gt") && a > b || has("gte") && a >= b)
	case has("fieldref"):
		other, ok := oneText(c.record, value)
		a, b := fold(text), fold(other)
		switch {
		case !ok:
			return false
		case has("contains"):
			return strings.Contains(a, b)
		case has("startswith"):
			return strings.HasPrefix(a, b)
		case has("endswith"):
			return strings.HasSuffix(a, b)
		}
		return a == b
	}
	var bytesOf []byte = []byte(value)
	for _, wide := range []string{"wide", "utf16le"} {
		if has(wide) {
			bytesOf = nil
			for _, u := range utf16.Encode([]rune(value)) {
				bytesOf = append(bytesOf, byte(u), byte(u>>8))
			}
		}
	}
	if has("base64") {
		value = base64.StdEncoding.EncodeToString(bytesOf)
	}
	if has("base64offset") {
		// Any text that holds the bytes at one of the three offsets shows them so: decode
		// what is around, at every offset, and look.
		return base64Holds(text, bytesOf)
	}
	// A backslash at the value's end does not reach the star that a modifier adds.
	inside := strings.TrimSuffix(strings.TrimPrefix(wildcards(fold(value)).String(), "(?s)^"), "$")
	if has("contains") || has("endswith") || keyword {
		inside = ".*" + inside
	}
	if has("contains") || has("startswith") || keyword {
		inside += ".*"
	}
	return regexp.MustCompile("(?s)^" + inside + "$").MatchString(fold(text))
}

// base64Holds reports whether a run of base64 in the text decodes to something that holds
// the bytes.
func base64Holds(text string, want []byte) bool {
	for _, run := range regexp.MustCompile(`[A-Za-z0-9+/]+`).FindAllString(text, -1) {
		for len(run)%4 == 1 {
			run = run[:len(run)-1]
		}
		decoded, err := base64.RawStdEncoding.DecodeString(run)
		if err == nil && bytes.Contains(decoded, want) {
			return true
		}
	}
	return false
}

// wildcards turns a Sigma string into a regular expression.
func wildcards(s string) *regexp.Regexp {
	out := "(?s)^"
	for s != "" {
		switch {
		case strings.HasPrefix(s, `\*`), strings.HasPrefix(s, `\?`), strings.HasPrefix(s, `\\`):
			out += regexp.QuoteMeta(s[1:2])
			s = s[2:]
			continue
		case s[0] == '*':
			out += ".*"
		case s[0] == '?':
			out += "."
		default:
			_, n := utf8.DecodeRuneInString(s)
			out += regexp.QuoteMeta(s[:n])
			s = s[n:]
			continue
		}
		s = s[1:]
	}
	return regexp.MustCompile(out + "$")
}

var blocks = []string{"requestParameters", "responseElements", "additionalEventData"}

// textsAt returns the texts of a field.
func textsAt(record map[string]any, path string) []string {
	keys := strings.Split(path, ".")
	var out []string
	add := func(v any) {
		if v != nil {
			out = append(out, textOf(v))
		}
	}
	top := record[keys[0]]
	if !slices.Contains(blocks, keys[0]) {
		for _, v := range nodes([]any{top}, keys[1:]) {
			add(v)
		}
		return out
	}
	block, ok := top.(map[string]any)
	switch {
	case !ok:
	case len(keys) == 1:
		for _, v := range block {
			add(v)
		}
		add(block)
	case len(keys) == 2:
		add(block[keys[1]])
		fallthrough
	default:
		for _, v := range nodes([]any{block[keys[1]]}, keys[2:]) {
			if list, ok := v.([]any); ok {
				for _, element := range list {
					add(element)
				}
				continue
			}
			add(v)
		}
	}
	return out
}

// nodes follows keys, into the elements of lists too.
func nodes(from []any, keys []string) []any {
	for _, key := range keys {
		var next []any
		for _, v := range from {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			for _, element := range list {
				if object, ok := element.(map[string]any); ok {
					if member, ok := object[key]; ok {
						next = append(next, member)
					}
				}
			}
		}
		from = next
	}
	return from
}

func exists(record map[string]any, path string) bool {
	keys := strings.Split(path, ".")
	return slices.ContainsFunc(nodes([]any{record[keys[0]]}, keys[1:]), func(v any) bool { return v != nil })
}

// oneText is what fieldref compares with: lists are not looked into.
func oneText(record map[string]any, path string) (string, bool) {
	keys := strings.Split(path, ".")
	var v any = record
	for _, key := range keys {
		object, ok := v.(map[string]any)
		if !ok {
			return "", false
		}
		v = object[key]
	}
	if _, ok := v.(map[string]any); ok && len(keys) > 2 {
		return "", false
	}
	if _, ok := v.([]any); ok && len(keys) > 2 {
		return "", false
	}
	return textOf(v), v != nil
}

func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return toJSON(v)
}

func toJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("BUG: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
