package queries

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Values reads the values given for the query's parameters, by name, and adds
// the defaults of those that are not given. now is what "now" in a value means;
// all values of one call share it. All mistakes are reported at once; each
// matches ErrParameter.
func (q *Query) Values(given map[string]string, now time.Time) (map[string]Value, error) {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if q.Param(name) == nil {
			errs = append(errs, &ParamError{Query: q.Name, Param: name, Reason: "no such parameter; " + q.parameterList()})
		}
	}
	values := make(map[string]Value, len(q.Params))
	for _, p := range q.Params {
		text, ok := given[p.Name]
		if !ok && !p.Optional {
			errs = append(errs, &ParamError{Query: q.Name, Param: p.Name, Type: p.Type,
				Reason: fmt.Sprintf("no value; it takes %s, such as %s", article(p.Type), p.Type.examples())})
			continue
		}
		if !ok {
			text = p.Default
		}
		v, err := ParseValue(p.Type, text, now)
		if err != nil {
			errs = append(errs, &ParamError{Query: q.Name, Param: p.Name, Type: p.Type,
				Reason: fmt.Sprintf("%v; it takes %s, such as %s", err, article(p.Type), p.Type.examples())})
			continue
		}
		values[p.Name] = v
	}
	return values, errors.Join(errs...)
}

// Substitute returns sql with a literal in the place of every parameter, for
// engines that have no parameters of their own. $EDS_ID stays.
//
// A literal is the only thing that can get into the text: the few spellings are
// refused (dollar quotes, nested comments, prefixed strings) in which engines
// disagree about where a literal ends, and a parameter that touches another word or
// string.
func Substitute(sql string, values map[string]Value) (string, error) {
	tokens, err := lex(sql)
	if err == nil {
		err = checkNeighbours(sql, tokens)
	}
	if err != nil {
		return "", fmt.Errorf("put parameters into the query: %w", err)
	}
	var b strings.Builder
	for _, t := range tokens {
		text := sql[t.start:t.end]
		if t.kind == tokenParam {
			v, ok := values[text[1:]]
			if !ok {
				return "", fmt.Errorf("there is no value for the parameter %s", text)
			}
			text = v.SQL()
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// Names returns the names of the parameters :name that a statement uses, each once, in the
// order of their first use. The error is that of text that no statement can have.
func Names(sql string) ([]string, error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, fmt.Errorf("find parameters: %w", err)
	}
	var names []string
	for _, t := range tokens {
		if name := sql[t.start:t.end]; t.kind == tokenParam && !slices.Contains(names, name[1:]) {
			names = append(names, name[1:])
		}
	}
	return names, nil
}

// undeclared is the mistake of SQL that uses a parameter that the header does
// not have.
func (q *Query) undeclared(t token) error {
	return &FileError{File: q.File, Line: q.line(t), Err: fmt.Errorf("query %s: %s is not declared under params:; %s",
		q.Name, q.SQL[t.start:t.end], q.parameterList())}
}

func (q *Query) parameterList() string {
	if len(q.Params) == 0 {
		return "the query has no parameters"
	}
	names := make([]string, len(q.Params))
	for i, p := range q.Params {
		names[i] = p.Name
	}
	return "the query has " + strings.Join(names, ", ")
}

func article(t Type) string {
	switch t {
	case TypeInteger:
		return "an integer"
	case TypeStrings:
		return "texts separated by commas"
	default:
		return "a " + t.String()
	}
}
