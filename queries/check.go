package queries

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	namePattern      = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	techniquePattern = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
	severities       = []string{"info", "low", "medium", "high", "critical"}
)

// maxStatement is CloudTrail Lake's bound on the characters of a statement.
const maxStatement = 10_000

// Check reports everything that is wrong with a parsed query without running it:
// a name that is not the file's, no title, description or tags, parameters that
// are used and not declared or declared and not used, words that the header does
// not know, a statement too long for CloudTrail Lake. Each mistake is a
// *FileError.
func Check(q *Query) error {
	var errs []error
	fail := func(line int, format string, args ...any) {
		errs = append(errs, &FileError{File: q.File, Line: line, Err: fmt.Errorf(format, args...)})
	}
	if err := checkName(q); err != nil {
		errs = append(errs, err)
	}
	for _, m := range []struct {
		key     string
		missing bool
	}{
		{"title", q.Title == ""},
		{"description", q.Description == ""},
		{"tags", len(q.Tags) == 0},
	} {
		if m.missing {
			fail(1, "query %s: the header has no %s", q.Name, m.key)
		}
	}
	if q.Severity != "" && !slices.Contains(severities, q.Severity) {
		fail(1, "query %s: no severity %q; it is one of %s", q.Name, q.Severity, strings.Join(severities, ", "))
	}
	for _, t := range q.Techniques {
		if !techniquePattern.MatchString(t) {
			fail(1, "query %s: %q is no technique of MITRE ATT&CK, such as T1078 or T1078.004", q.Name, t)
		}
	}
	used := map[string]bool{}
	for _, t := range q.tokens {
		if t.kind != tokenParam {
			continue
		}
		name := q.SQL[t.start+1 : t.end]
		if q.Param(name) == nil && !used[name] {
			errs = append(errs, q.undeclared(t))
		}
		used[name] = true
	}
	for _, p := range q.Params {
		if !used[p.Name] {
			fail(p.Line, "query %s: parameter %s is not used in the SQL", q.Name, p.Name)
		}
	}
	if n := utf8.RuneCountInString(q.SQL); n > maxStatement {
		fail(q.Line, "query %s: the statement has %d characters, CloudTrail Lake takes %d: make several queries of it", q.Name, n, maxStatement)
	}
	return errors.Join(errs...)
}

// checkName reports a name that is none, or that is not the file's.
func checkName(q *Query) error {
	if !namePattern.MatchString(q.Name) {
		return &FileError{File: q.File, Line: 1, Err: fmt.Errorf("name %q: a name is lower-case words and digits with dashes between", q.Name)}
	}
	if base := path.Base(q.File); q.File != "" && base != q.Name+".sql" {
		return &FileError{File: q.File, Line: 1, Err: fmt.Errorf("query %s: the file is called %s, not %s.sql", q.Name, base, q.Name)}
	}
	return nil
}
