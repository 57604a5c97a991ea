package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// correlation counts what rules match: events, different values of a field, or the rules
// themselves, in any stretch of time of a length.
type correlation struct {
	kind    string // event_count, value_count, temporal
	rules   []scalar
	groupBy []string
	aliases map[string]map[string]string // alias → rule → field
	seconds int64
	field   string // of value_count
	atLeast int64
	// generate keeps the queries of the rules, too.
	generate bool
	line     int
}

func newCorrelation(n *yaml.Node) (*correlation, error) {
	if n.Kind != yaml.MappingNode {
		return nil, refuse(n.Line, "a correlation is a mapping")
	}
	entries, err := pairs(n)
	if err != nil {
		return nil, err
	}
	c := &correlation{line: n.Line, aliases: map[string]map[string]string{}}
	for _, p := range entries {
		switch p.key {
		case "type":
			c.kind = p.value.Value
			if !slices.Contains([]string{"event_count", "value_count", "temporal"}, c.kind) {
				return nil, refuse(p.line, "correlations of type %s are not supported; those that are: event_count, value_count, temporal", c.kind)
			}
		case "rules":
			for _, item := range items(p.value) {
				v, err := newScalar(item)
				if err != nil {
					return nil, err
				}
				c.rules = append(c.rules, v)
			}
		case "group-by":
			for _, item := range items(p.value) {
				c.groupBy = append(c.groupBy, item.Value)
			}
		case "timespan", "timeframe":
			if c.seconds, err = parseSpan(p.value.Value); err != nil {
				return nil, refuse(p.line, "%v", err)
			}
		case "aliases":
			if err := c.readAliases(p.value); err != nil {
				return nil, err
			}
		case "condition":
			if err := c.readCondition(p.value); err != nil {
				return nil, err
			}
		case "generate":
			c.generate = p.value.Value == "true"
		default:
			return nil, refuse(p.line, "key %s of a correlation is not supported", p.key)
		}
	}
	switch {
	case c.kind == "":
		return nil, refuse(n.Line, "the correlation has no type")
	case len(c.rules) == 0:
		return nil, refuse(n.Line, "the correlation names no rules")
	case c.seconds == 0:
		return nil, refuse(n.Line, "the correlation has no timespan, such as 10m")
	case c.kind == "value_count" && c.field == "":
		return nil, refuse(n.Line, "value_count has no field in its condition")
	case c.kind == "temporal" && c.atLeast == 0:
		c.atLeast = int64(len(c.rules))
	case c.atLeast == 0:
		return nil, refuse(n.Line, "the correlation has no condition such as gte: 10")
	}
	return c, nil
}

// items returns the elements of a list, or a single value as one.
func items(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func (c *correlation) readAliases(n *yaml.Node) error {
	entries, err := pairs(n)
	if err != nil {
		return err
	}
	for _, p := range entries {
		rules, err := pairs(p.value)
		if err != nil {
			return err
		}
		c.aliases[p.key] = map[string]string{}
		for _, r := range rules {
			c.aliases[p.key][r.key] = r.value.Value
		}
	}
	return nil
}

func (c *correlation) readCondition(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return refuse(n.Line, "the condition of a correlation is a mapping such as gte: 10")
	}
	entries, err := pairs(n)
	if err != nil {
		return err
	}
	for _, p := range entries {
		switch p.key {
		case "field":
			list := items(p.value)
			if len(list) != 1 {
				return refuse(p.line, "value_count over several fields is not supported; name one")
			}
			c.field = list[0].Value
		case "gt", "gte":
			v, err := strconv.ParseInt(p.value.Value, 10, 32)
			if err != nil || v < 0 {
				return refuse(p.line, "%s takes a whole number, not %q", p.key, p.value.Value)
			}
			if p.key == "gt" {
				v++
			}
			c.atLeast = max(c.atLeast, v, 1)
		default:
			return refuse(p.line, "condition %s of a correlation is not supported: a search of past events finds that there were many (gt, gte), not that there were few", p.key)
		}
	}
	return nil
}

var span = regexp.MustCompile(`^([0-9]{1,6})\s*([smhdw])$`)

func parseSpan(s string) (int64, error) {
	m := span.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("timespan %q: write a number and s, m, h, d or w, such as 10m", s)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("timespan %q is empty", s)
	}
	return n * map[string]int64{"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}[m[2]], nil
}

var aggregation = regexp.MustCompile(`^count\s*\(\s*([A-Za-z0-9_.-]*)\s*\)(?:\s+by\s+([A-Za-z0-9_., -]+?))?\s*(>=|>)\s*([0-9]{1,9})$`)

// newAggregation reads the aggregation of Sigma 1, the part of a condition behind its bar.
func newAggregation(text, timeframe string) (*correlation, error) {
	m := aggregation.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("aggregation %q is not supported: only count() by FIELD > NUMBER is; write it as a correlation", text)
	}
	if timeframe == "" {
		return nil, fmt.Errorf("aggregation without a timeframe: add one, such as timeframe: 10m")
	}
	seconds, err := parseSpan(timeframe)
	if err != nil {
		return nil, err
	}
	c := &correlation{kind: "event_count", seconds: seconds, field: m[1]}
	if c.field != "" {
		c.kind = "value_count"
	}
	c.groupBy = append(c.groupBy, strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })...)
	if c.atLeast, err = strconv.ParseInt(m[4], 10, 64); err != nil {
		return nil, err
	}
	if m[3] == ">" {
		c.atLeast++
	}
	c.atLeast = max(c.atLeast, 1)
	return c, nil
}
