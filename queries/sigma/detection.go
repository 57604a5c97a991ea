package sigma

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalar is a value of a rule as it is written.
type scalar struct {
	kind scalarKind
	text string
	line int
}

type scalarKind uint8

const (
	scalarText scalarKind = iota
	scalarNumber
	scalarBool
	scalarNull
)

func newScalar(n *yaml.Node) (scalar, error) {
	if n.Kind == yaml.AliasNode {
		return scalar{}, refuse(n.Line, "aliases of YAML (*%s) are not supported; write the value out", n.Value)
	}
	if n.Kind != yaml.ScalarNode {
		return scalar{}, refuse(n.Line, "a text, number, boolean or null is expected here")
	}
	v := scalar{text: n.Value, line: n.Line}
	switch n.Tag {
	case "!!null":
		v.kind = scalarNull
	case "!!bool":
		v.kind, v.text = scalarBool, strings.ToLower(n.Value)
	case "!!int", "!!float":
		v.kind = scalarNumber
	}
	if strings.ContainsRune(v.text, 0) {
		return scalar{}, refuse(n.Line, "a value with a NUL character")
	}
	return v, nil
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

// pairs returns the entries of a mapping, in order.
func pairs(n *yaml.Node) ([]pair, error) {
	var out []pair
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return nil, refuse(key.Line, "a key must be a text")
		}
		if seen[key.Value] {
			return nil, refuse(key.Line, "key %s is there twice; put the values into one list", key.Value)
		}
		seen[key.Value] = true
		value := n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			return nil, refuse(value.Line, "aliases of YAML (*%s) are not supported; write the value out", value.Value)
		}
		out = append(out, pair{key.Value, key.Line, value})
	}
	return out, nil
}

// newSelection reads what a detection's name stands for: a mapping, of which all must
// match, a list of mappings, of which one must, or keywords.
func newSelection(n *yaml.Node) (expression, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return newMapping(n)
	case yaml.SequenceNode:
		var any or
		for _, item := range n.Content {
			var e expression
			var err error
			switch item.Kind {
			case yaml.MappingNode:
				e, err = newMapping(item)
			case yaml.ScalarNode:
				e, err = newMatch(&modified{line: item.Line}, item)
			default:
				err = refuse(item.Line, "a list of a selection holds mappings or keywords")
			}
			if err != nil {
				return nil, err
			}
			any = append(any, e)
		}
		if len(any) == 0 {
			return nil, refuse(n.Line, "an empty list matches nothing")
		}
		return any, nil
	}
	return newMatch(&modified{line: n.Line}, n)
}

func newMapping(n *yaml.Node) (expression, error) {
	entries, err := pairs(n)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, refuse(n.Line, "an empty selection")
	}
	var all and
	for _, p := range entries {
		m, err := newModified(p.key, p.line)
		if err != nil {
			return nil, err
		}
		e, err := newMatch(m, p.value)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// newMatch reads the value or the values of one key.
func newMatch(m *modified, n *yaml.Node) (expression, error) {
	e := &match{all: m.has("all")}
	if m.field != "" {
		var err error
		if e.field, err = lookUp(m.field); err != nil {
			return nil, refuse(m.line, "%v", err)
		}
	}
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	if len(nodes) == 0 {
		return nil, refuse(m.line, "an empty list matches nothing")
	}
	for _, node := range nodes {
		v, err := newScalar(node)
		if err != nil {
			return nil, err
		}
		tests, err := m.tests(v)
		if err != nil {
			return nil, atLine(err, v.line)
		}
		e.values = append(e.values, tests)
	}
	if m.has("neq") {
		return not{e}, nil
	}
	return e, nil
}

// atLine puts the line into a mistake that has none.
func atLine(err error, line int) error {
	if a, ok := err.(*at); ok && a.line == 0 {
		return &at{line, a.reason}
	}
	return err
}
