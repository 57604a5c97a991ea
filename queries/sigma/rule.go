package sigma

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is a rule, or a correlation of rules.
type document struct {
	file, title, name, id string
	line                  int
	text                  map[string]string // keys with one text, such as description
	lists                 map[string][]string
	fields                []*field

	condition   expression   // of a rule
	correlation *correlation // of a correlation, or of a rule that counts
	countedBy   []*document  // correlations that do not want queries of their rules
	err         *Error
}

// maxFile bounds a file of rules.
const maxFile = 1 << 20

// read returns the rules of a file. A rule that is refused has its error.
func read(file string, text []byte) ([]*document, error) {
	if len(text) > maxFile {
		return nil, &Error{File: file, Line: 1, Reason: fmt.Sprintf("%d bytes long; a file of rules has at most %d", len(text), maxFile)}
	}
	var docs []*document
	d := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return docs, &Error{File: file, Line: lineOf(err), Reason: fmt.Sprintf("no YAML: %v", strings.TrimPrefix(err.Error(), "yaml: "))}
		}
		if len(n.Content) == 0 || n.Content[0].Tag == "!!null" {
			continue
		}
		docs = append(docs, newDocument(file, n.Content[0]))
	}
	if len(docs) == 0 {
		return nil, &Error{File: file, Line: 1, Reason: "the file holds no rule"}
	}
	return docs, nil
}

// lineOf finds the line in an error of the YAML library, whose errors are texts.
func lineOf(err error) int {
	line := 1
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		_, _ = fmt.Sscanf(rest, "%d", &line)
	}
	return line
}

func newDocument(file string, n *yaml.Node) *document {
	d := &document{file: file, line: n.Line, text: map[string]string{}, lists: map[string][]string{}}
	if err := d.read(n); err != nil {
		d.refuse(err)
	}
	return d
}

func (d *document) refuse(err error) {
	e := &Error{File: d.file, Line: d.line, Rule: d.title, Reason: err.Error()}
	var where *at
	if errors.As(err, &where) && where.line > 0 {
		e.Line = where.line
	}
	d.err = e
}

func (d *document) read(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return refuse(n.Line, "a rule is a mapping with title, logsource and detection")
	}
	entries, err := pairs(n)
	if err != nil {
		return err
	}
	nodes := map[string]pair{}
	for _, p := range entries {
		nodes[p.key] = p
		switch {
		case p.value.Kind == yaml.ScalarNode:
			d.text[p.key] = strings.TrimSpace(p.value.Value)
		case p.value.Kind == yaml.SequenceNode:
			for _, item := range p.value.Content {
				if item.Kind == yaml.ScalarNode {
					d.lists[p.key] = append(d.lists[p.key], strings.TrimSpace(item.Value))
				}
			}
		}
	}
	d.title, d.name, d.id = d.text["title"], d.text["name"], d.text["id"]
	if d.title == "" {
		return refuse(n.Line, "the rule has no title")
	}
	for key, what := range map[string]string{
		"action": "collections with action: are of an older Sigma; write each rule in full, with --- between",
		"filter": "filters change other rules and are none themselves; put the filter into the rules",
	} {
		if p, ok := nodes[key]; ok {
			return refuse(p.line, "%s", what)
		}
	}
	if p, ok := nodes["correlation"]; ok {
		d.correlation, err = newCorrelation(p.value)
		return err
	}
	if err := checkSource(nodes["logsource"], n.Line); err != nil {
		return err
	}
	for _, path := range d.lists["fields"] {
		if f, err := lookUp(path); err == nil { // they are hints, and no part of the rule's meaning
			d.fields = append(d.fields, f)
		}
	}
	p, ok := nodes["detection"]
	if !ok || p.value.Kind != yaml.MappingNode {
		return refuse(n.Line, "the rule has no detection")
	}
	return d.readDetection(p)
}

func checkSource(p pair, line int) error {
	if p.value == nil || p.value.Kind != yaml.MappingNode {
		return refuse(line, "the rule has no logsource; CloudTrail's is product: aws, service: cloudtrail")
	}
	entries, err := pairs(p.value)
	if err != nil {
		return err
	}
	source := map[string]string{}
	for _, e := range entries {
		source[e.key] = strings.ToLower(e.value.Value)
	}
	if source["product"] != "aws" || source["service"] != "cloudtrail" {
		var parts []string
		for _, key := range []string{"product", "category", "service"} {
			if source[key] != "" {
				parts = append(parts, key+" "+source[key])
			}
		}
		return refuse(p.line, "the rule is for another log (%s); CloudTrail's logsource is product: aws, service: cloudtrail", strings.Join(parts, ", "))
	}
	return nil
}

func (d *document) readDetection(p pair) error {
	entries, err := pairs(p.value)
	if err != nil {
		return err
	}
	selections := map[string]expression{}
	var names []string
	var conditions []scalar
	timeframe, timeframeLine := "", 0
	for _, e := range entries {
		switch e.key {
		case "condition":
			nodes := []*yaml.Node{e.value}
			if e.value.Kind == yaml.SequenceNode {
				nodes = e.value.Content
			}
			for _, n := range nodes {
				v, err := newScalar(n)
				if err != nil {
					return err
				}
				conditions = append(conditions, v)
			}
			continue
		case "timeframe":
			timeframe, timeframeLine = e.value.Value, e.line
			continue
		}
		if err := checkSelectionName(e.key); err != nil {
			return refuse(e.line, "%v", err)
		}
		s, err := newSelection(e.value)
		if err != nil {
			return err
		}
		selections[e.key] = s
		names = append(names, e.key)
	}
	if len(conditions) == 0 {
		return refuse(p.line, "the detection has no condition")
	}
	var any or
	for _, c := range conditions {
		e, aggregation, err := parseCondition(c.text, selections, names)
		if err != nil {
			return refuse(c.line, "%v", err)
		}
		any = append(any, e)
		if aggregation == "" {
			continue
		}
		if len(conditions) > 1 {
			return refuse(c.line, "an aggregation in a list of conditions; write a rule for each")
		}
		if d.correlation, err = newAggregation(aggregation, timeframe); err != nil {
			return refuse(c.line, "%v", err)
		}
	}
	if timeframe != "" && d.correlation == nil {
		return refuse(timeframeLine, "timeframe without an aggregation: events that must come together are a correlation of type temporal, in a document of its own")
	}
	d.condition = any
	return nil
}
