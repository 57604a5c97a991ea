package queries

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Pack is a set of controls, each with the saved queries that show whether it holds.
// Treat it as a constant. Files of packs are YAML:
//
//	name: cis-aws-monitoring
//	title: …
//	framework: CIS Amazon Web Services Foundations Benchmark
//	version: 3.0.0
//	description: …
//	scope: …              what the pack as a whole cannot show
//	controls:
//	  - id: "4.3"
//	    title: …
//	    section: …          optional: the heading under which it stands
//	    requirement: …      what the framework asks for, in our own words
//	    expect: none        or some, or review
//	    severity: high
//	    queries:
//	      - root-use
//	      - name: access-denied-by-principal
//	        params: {min_denials: 5, since: start of period - 30 days}
//	    evidence: …         what the rows, or their absence, are evidence of
//	    limits: …           what they cannot show
//	    needs: [data]       optional: categories of events without which it says nothing
//
// A key that is not among these is an error.
type Pack struct {
	// Name identifies the pack: lower-case words with dashes between.
	Name string
	// Title is one line for lists.
	Title string
	// Framework and Version name what the controls are taken from; both may be empty.
	Framework, Version string
	// Description says what the pack is for. Scope says what it cannot show as a whole.
	Description, Scope string
	// Controls are in the order of the file.
	Controls []Control

	// File is the path of the file, as it was given to the parser.
	File string
	// Overrides is the file of the pack that this one takes the place of; empty when
	// there is none.
	Overrides string
}

// Control is one requirement with the queries that look at it.
type Control struct {
	// ID identifies the control in its pack, with the framework's own number if it has
	// one.
	ID string
	// Section groups controls under a heading; it may be empty.
	Section string
	Title   string
	// Requirement is what is asked for, in our own words.
	Requirement string
	// Expect says what the rows of the queries mean.
	Expect Expectation
	// Severity is info, low, medium, high or critical: how bad it is where the
	// expectation is not met.
	Severity string
	// Queries are the queries whose rows count.
	Queries []Use
	// Evidence is what the result is evidence of; Limits what it cannot show.
	Evidence, Limits string
	// Needs are categories of events, by the names of EventCategories: without any
	// such events in the period, no rows mean nothing.
	Needs []string
	// Line is the line of the file that begins the control, from 1.
	Line int
}

// Expectation says what it means that a control's queries find rows.
type Expectation string

// The expectations.
const (
	// ExpectNone means that rows are findings.
	ExpectNone Expectation = "none"
	// ExpectSome means that rows are evidence, and their absence is not.
	ExpectSome Expectation = "some"
	// ExpectReview means that somebody has to look at the rows.
	ExpectReview Expectation = "review"
)

// EventCategories are the values of eventCategory by the words that packs use.
var EventCategories = map[string]string{
	"management": "Management", "data": "Data", "insight": "Insight", "network": "NetworkActivity",
}

// Use is a saved query with values of its parameters.
type Use struct {
	// Query is the name of the saved query.
	Query string
	// Params are values by name, as they are written. Times may also be relative to
	// the period that is looked at: start of period, end of period - 7 days. "now" is
	// the period's end.
	Params map[string]string
	// Line is the line of the file, from 1.
	Line int
}

// NoLimit is given to a query's parameter limit where a pack does not set it, so that the
// number of rows is the whole one.
const NoLimit = 1_000_000_000

// Values returns the values of the query's parameters for a period, since ≤ t < until.
// The period is bound to the parameters since and until of type timestamp, unless the
// pack gives them. A query without them would look beyond the period, which is an error.
func (u Use) Values(q *Query, since, until time.Time) (map[string]Value, error) {
	for _, name := range []string{"since", "until"} {
		if p := q.Param(name); p == nil || p.Type != TypeTimestamp {
			return nil, &ParamError{Query: q.Name, Param: name, Reason: "a report binds it to its period; the query has no such parameter of type timestamp"}
		}
	}
	given := maps.Clone(u.Params)
	if given == nil {
		given = map[string]string{}
	}
	for name, text := range given {
		p := q.Param(name)
		if p == nil || p.Type != TypeTimestamp && p.Type != TypeDate {
			continue
		}
		words := strings.Join(strings.Fields(strings.ToLower(text)), " ")
		for prefix, at := range map[string]time.Time{"start of period": since, "end of period": until} {
			if rest, ok := strings.CutPrefix(words, prefix); ok {
				v, err := ParseValue(TypeTimestamp, "now"+rest, at)
				if err != nil {
					return nil, &ParamError{Query: q.Name, Param: name, Type: p.Type, Reason: fmt.Sprintf("%q is no time", text)}
				}
				given[name] = v.Data.(time.Time).Format(time.RFC3339Nano)
			}
		}
	}
	bind := func(name string, t Type, text string) {
		if p := q.Param(name); p != nil && p.Type == t {
			if _, ok := given[name]; !ok {
				given[name] = text
			}
		}
	}
	bind("since", TypeTimestamp, since.UTC().Format(time.RFC3339Nano))
	bind("until", TypeTimestamp, until.UTC().Format(time.RFC3339Nano))
	bind("limit", TypeInteger, strconv.Itoa(NoLimit))
	return q.Values(given, until)
}

// packFile and controlFile are the keys of a file.
type packFile struct {
	Name        string        `yaml:"name"`
	Title       string        `yaml:"title"`
	Framework   string        `yaml:"framework"`
	Version     string        `yaml:"version"`
	Description string        `yaml:"description"`
	Scope       string        `yaml:"scope"`
	Controls    []controlFile `yaml:"controls"`
}

type controlFile struct {
	ID          string      `yaml:"id"`
	Section     string      `yaml:"section"`
	Title       string      `yaml:"title"`
	Requirement string      `yaml:"requirement"`
	Expect      string      `yaml:"expect"`
	Severity    string      `yaml:"severity"`
	Queries     []yaml.Node `yaml:"queries"`
	Evidence    string      `yaml:"evidence"`
	Limits      string      `yaml:"limits"`
	Needs       []string    `yaml:"needs"`
}

// ParsePack reads the text of a pack. file names it in errors. Mistakes are *FileError.
// CheckPack asks for more.
func ParsePack(file string, text []byte) (*Pack, error) {
	fail := func(line int, format string, args ...any) error {
		return &FileError{File: file, Line: line, Err: fmt.Errorf(format, args...)}
	}
	if len(text) > maxFile {
		return nil, fail(0, "%d bytes long; a pack has at most %d", len(text), maxFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var f packFile
	if err := dec.Decode(&f); errors.Is(err, io.EOF) {
		return nil, fail(0, "an empty file is no pack")
	} else if err != nil {
		return nil, yamlError(file, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fail(0, "more than one YAML document; a file holds one pack")
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, yamlError(file, err)
	}
	lines := controlLines(&root)
	p := &Pack{Name: f.Name, Title: prose(f.Title), Framework: prose(f.Framework), Version: f.Version,
		Description: prose(f.Description), Scope: prose(f.Scope), File: file}
	var errs []error
	for i, c := range f.Controls {
		control := Control{ID: c.ID, Section: prose(c.Section), Title: prose(c.Title), Requirement: prose(c.Requirement),
			Expect: Expectation(c.Expect), Severity: c.Severity, Evidence: prose(c.Evidence), Limits: prose(c.Limits), Needs: c.Needs}
		if i < len(lines) {
			control.Line = lines[i]
		}
		for _, n := range c.Queries {
			use, err := parseUse(&n)
			if err != nil {
				errs = append(errs, fail(n.Line, "control %s: %w", c.ID, err))
				continue
			}
			control.Queries = append(control.Queries, use)
		}
		p.Controls = append(p.Controls, control)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

// prose takes the line end off a block of text.
func prose(s string) string { return strings.TrimSpace(s) }

// controlLines returns the lines on which the controls begin.
func controlLines(root *yaml.Node) []int {
	var lines []int
	if root.Kind != yaml.DocumentNode || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	pairs := root.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == "controls" {
			for _, c := range pairs[i+1].Content {
				lines = append(lines, c.Line)
			}
		}
	}
	return lines
}

// parseUse reads a name, or a mapping of name and params.
func parseUse(n *yaml.Node) (Use, error) {
	u := Use{Line: n.Line}
	if n.Kind == yaml.ScalarNode {
		u.Query = n.Value
		return u, nil
	}
	if n.Kind != yaml.MappingNode {
		return u, errors.New("a query is a name, or has name and params")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Value == "name" && value.Kind == yaml.ScalarNode:
			u.Query = value.Value
		case key.Value == "params" && value.Kind == yaml.MappingNode:
			u.Params = map[string]string{}
			for k := 0; k+1 < len(value.Content); k += 2 {
				text, err := paramText(value.Content[k+1])
				if err != nil {
					return u, fmt.Errorf("parameter %s: %w", value.Content[k].Value, err)
				}
				u.Params[value.Content[k].Value] = text
			}
		default:
			return u, fmt.Errorf("no key %q with such a value; a query has name and params", key.Value)
		}
	}
	if u.Query == "" {
		return u, errors.New("a query without a name")
	}
	return u, nil
}

// paramText returns a value as --param would take it.
func paramText(n *yaml.Node) (string, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Value, nil
	case yaml.SequenceNode:
		var list []string
		for _, e := range n.Content {
			if e.Kind != yaml.ScalarNode || strings.Contains(e.Value, ",") {
				return "", errors.New("a list holds texts without commas")
			}
			list = append(list, e.Value)
		}
		return strings.Join(list, ", "), nil
	default:
		return "", errors.New("a value is a text, a number, a time or a list")
	}
}

var (
	yamlLine  = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	yamlField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
)

// yamlError places what the YAML library reports.
func yamlError(file string, err error) error {
	texts := []string{err.Error()}
	var list *yaml.TypeError
	if errors.As(err, &list) {
		texts = list.Errors
	}
	var errs []error
	for _, text := range texts {
		line := 0
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			// The number is one of digits only; a wrong one is no worse than none.
			line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		if m := yamlField.FindStringSubmatch(text); m != nil {
			text = fmt.Sprintf("no key %q here", m[1])
		}
		errs = append(errs, &FileError{File: file, Line: line, Err: errors.New(strings.TrimPrefix(text, "yaml: "))})
	}
	return errors.Join(errs...)
}

// CheckPack reports everything that is wrong with a pack: a name that is not the file's,
// what is missing, ids that stand twice, queries that are not in set, values that their
// parameters do not take. Each mistake is a *FileError.
func CheckPack(p *Pack, set *Set) error {
	var errs []error
	fail := func(line int, format string, args ...any) {
		errs = append(errs, &FileError{File: p.File, Line: line, Err: fmt.Errorf(format, args...)})
	}
	if err := checkPackName(p); err != nil {
		errs = append(errs, err)
	}
	if p.Title == "" || p.Description == "" {
		fail(1, "pack %s: a pack has a title and a description", p.Name)
	}
	if len(p.Controls) == 0 {
		fail(1, "pack %s: no controls", p.Name)
	}
	seen := map[string]int{}
	for _, c := range p.Controls {
		wrong := func(format string, args ...any) {
			fail(c.Line, "control %s: %w", c.ID, fmt.Errorf(format, args...))
		}
		if c.ID == "" {
			fail(c.Line, "a control without an id")
		} else if first, ok := seen[c.ID]; ok {
			wrong("the id is there twice, first in line %d", first)
		}
		seen[c.ID] = c.Line
		if c.Title == "" || c.Requirement == "" || c.Evidence == "" || c.Limits == "" {
			wrong("a control has title, requirement, evidence and limits")
		}
		if !slices.Contains([]Expectation{ExpectNone, ExpectSome, ExpectReview}, c.Expect) {
			wrong("no expectation %q; it is one of none, some, review", c.Expect)
		}
		if !slices.Contains(severities, c.Severity) {
			wrong("no severity %q; it is one of %s", c.Severity, strings.Join(severities, ", "))
		}
		for _, need := range c.Needs {
			if EventCategories[need] == "" {
				wrong("no category of events %q; they are %s", need, strings.Join(slices.Sorted(maps.Keys(EventCategories)), ", "))
			}
		}
		if len(c.Queries) == 0 {
			wrong("no queries")
		}
		for _, u := range c.Queries {
			if err := u.check(set); err != nil {
				fail(u.Line, "control %s: %w", c.ID, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (u Use) check(set *Set) error {
	q, err := set.Get(u.Query)
	if err != nil {
		return err
	}
	_, err = u.Values(q, referenceTime.AddDate(0, -1, 0), referenceTime)
	return err
}

// checkPackName reports a name that is none, or that is not the file's.
func checkPackName(p *Pack) error {
	if !namePattern.MatchString(p.Name) {
		return &FileError{File: p.File, Line: 1, Err: fmt.Errorf("name %q: a name is lower-case words and digits with dashes between", p.Name)}
	}
	if base := path.Base(p.File); p.File != "" && base != p.Name+".yaml" {
		return &FileError{File: p.File, Line: 1, Err: fmt.Errorf("pack %s: the file is called %s, not %s.yaml", p.Name, base, p.Name)}
	}
	return nil
}
