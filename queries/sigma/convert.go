package sigma

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"traillake/queries"
)

// File is a file of rules.
type File struct {
	// Name is what errors call it.
	Name string
	// Text is YAML: one rule, or several with --- between.
	Text []byte
}

// Query is a saved query made of a rule.
type Query struct {
	// Name is the saved query's: sigma- and the name or title of the rule.
	Name string
	// Title is the rule's.
	Title string
	// File is where the rule was, and Line where it begins there.
	File string
	Line int
	// Text is the saved query's file.
	Text []byte
}

// Convert turns the rules of all files into saved queries, in their order. Rules may
// refer to rules of other files. It goes on behind a rule that is refused; the errors
// are in the order of the files.
//
// Rules that a correlation counts make no queries of their own, as Sigma has it, unless
// the correlation says generate: true, or is refused.
func Convert(files []File) ([]Query, []*Error) {
	var docs []*document
	var errs []*Error
	for _, f := range files {
		found, err := read(f.Name, f.Text)
		docs = append(docs, found...)
		if e, ok := err.(*Error); ok {
			errs = append(errs, e)
		}
	}
	byName := map[string]*document{}
	for _, d := range docs {
		for _, name := range []string{d.name, d.id} {
			if name != "" && byName[name] == nil {
				byName[name] = d
			}
		}
	}
	statements := map[*document]string{}
	for _, d := range docs {
		if d.err != nil {
			continue
		}
		sql, err := d.sql(byName)
		if err != nil {
			d.refuse(err)
			continue
		}
		statements[d] = sql
	}
	made := map[*document]Query{}
	taken := map[string]*document{}
	for range 2 { // the second time for the rules of correlations that the first has refused
		for _, d := range docs {
			if _, done := made[d]; done || d.err != nil || d.used() {
				continue
			}
			name := d.queryName()
			if other := taken[name]; other != nil {
				d.refuse(fmt.Errorf("its query would be called %s, as that of %s:%d; give the rule a name: of its own", name, other.file, other.line))
				continue
			}
			q := Query{Name: name, Title: oneLine(d.title), File: d.file, Line: d.line, Text: []byte(d.header(name) + statements[d])}
			if err := check(q); err != nil {
				d.refuse(err)
				continue
			}
			made[d], taken[name] = q, d
		}
	}
	var out []Query
	for _, d := range docs {
		if q, ok := made[d]; ok {
			out = append(out, q)
		}
		if d.err != nil {
			errs = append(errs, d.err)
		}
	}
	order := map[string]int{}
	for i, f := range files {
		order[f.Name] = i
	}
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return out, errs
}

// check reports what keeps a query from being a saved query: the length of its statement,
// above all.
func check(q Query) error {
	parsed, err := queries.Parse("", q.Text)
	if err == nil {
		err = queries.Check(parsed)
	}
	var mistake *queries.FileError
	if errors.As(err, &mistake) {
		return mistake.Err
	}
	return err
}

// sql returns the statement of a rule or of a correlation.
func (d *document) sql(byName map[string]*document) (string, error) {
	switch {
	case d.correlation == nil:
		return d.statement(), nil
	case d.condition != nil: // a rule that counts
		r, err := d.correlation.resolve(d)
		if err != nil {
			return "", err
		}
		return d.correlation.statement([]counted{r}), nil
	}
	var rules []counted
	var of []*document
	for _, ref := range d.correlation.rules {
		rule := byName[ref.text]
		switch {
		case rule == nil:
			return "", refuse(ref.line, "its rule %q is in none of the files; give the files of its rules too", ref.text)
		case rule.err != nil:
			return "", refuse(ref.line, "its rule %q is refused", ref.text)
		case rule.correlation != nil:
			return "", refuse(ref.line, "its rule %q counts itself; correlations of correlations are not supported", ref.text)
		}
		r, err := d.correlation.resolve(rule)
		if err != nil {
			return "", err
		}
		rules, of = append(rules, r), append(of, rule)
	}
	if !d.correlation.generate {
		for _, rule := range of {
			rule.countedBy = append(rule.countedBy, d)
		}
	}
	return d.correlation.statement(rules), nil
}

// used reports whether a correlation stands for the rule.
func (d *document) used() bool {
	return slices.ContainsFunc(d.countedBy, func(c *document) bool { return c.err == nil })
}

var notName = regexp.MustCompile(`[^a-z0-9]+`)

// queryName makes the name of the query.
func (d *document) queryName() string {
	const most = 80
	name := ""
	for _, from := range []string{d.name, d.title, d.id} {
		if name = strings.Trim(notName.ReplaceAllString(strings.ToLower(from), "-"), "-"); name != "" {
			break
		}
	}
	if len(name) > most {
		name = name[:most]
		name = strings.Trim(name[:max(strings.LastIndexByte(name, '-'), most/2)], "-")
	}
	return strings.TrimSuffix("sigma-"+name, "-")
}

var (
	technique  = regexp.MustCompile(`^attack\.(t[0-9]{4}(?:\.[0-9]{3})?)$`)
	severities = map[string]string{"informational": "info", "low": "low", "medium": "medium", "high": "high", "critical": "critical"}
)

// header describes the query, from what the rule says of itself.
func (d *document) header(name string) string {
	var techniques []string
	tags := []string{"sigma"}
	for _, tag := range d.lists["tags"] {
		tag = strings.ToLower(tag)
		if m := technique.FindStringSubmatch(tag); m != nil {
			techniques = append(techniques, strings.ToUpper(m[1]))
		} else if tag = strings.TrimPrefix(tag, "attack."); !strings.ContainsAny(tag, ",\n") && tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	var b strings.Builder
	key := func(key, value string) {
		if value = strings.TrimSpace(value); value != "" {
			b.WriteString(wrapped(key, value))
		}
	}
	key("name", name)
	key("title", oneLine(d.title))
	key("description", cmp.Or(d.text["description"], "No description.")+"\n\n"+d.origin())
	key("severity", severities[strings.ToLower(d.text["level"])])
	key("technique", strings.Join(techniques, ", "))
	key("apis", strings.Join(d.apis(), ", "))
	key("false-positives", d.falsePositives())
	key("tags", strings.Join(tags, ", "))
	b.WriteString(`-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
`)
	return b.String()
}

func (d *document) falsePositives() string {
	list := d.lists["falsepositives"]
	if len(list) < 2 {
		return cmp.Or(strings.Join(list, ""), d.text["falsepositives"])
	}
	return "- " + strings.Join(list, "\n- ")
}

// origin says which rule the query was made of, and whose it is: licences of rules ask
// for that.
func (d *document) origin() string {
	s := "Made of a Sigma rule"
	if d.id != "" {
		s += ", id " + d.id
	}
	if author := oneLine(d.text["author"]); author != "" {
		s += ", by " + author
	}
	s += "."
	for _, ref := range d.lists["references"] {
		s += "\n- " + oneLine(ref)
	}
	return s
}

// apis returns the event names that the rule asks for.
func (d *document) apis() []string {
	found := map[string]bool{}
	if d.condition == nil {
		return nil
	}
	d.condition.walk(false, func(m *match, not bool) {
		if not || m.field == nil || m.field.sql != "eventName" {
			return
		}
		for _, tests := range m.values {
			for _, t := range tests {
				if s, ok := t.pattern.plain(); ok && t.kind == testPattern && plainKey.MatchString(s) {
					found[s] = true
				}
			}
		}
	})
	return slices.Sorted(maps.Keys(found))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// wrapped writes a key of the header in lines of a usual width.
func wrapped(key, value string) string {
	const width = 97
	var b strings.Builder
	line := "-- " + key + ":"
	for _, paragraph := range strings.Split(value, "\n") {
		words := strings.Fields(paragraph)
		if len(words) == 0 {
			b.WriteString("--\n")
			line = "--  "
			continue
		}
		for _, word := range words {
			if len(line)+1+len(word) > width && strings.Trim(line, "- ") != "" {
				b.WriteString(line + "\n")
				line = "--  "
			}
			line += " " + word
		}
		b.WriteString(line + "\n")
		line = "--  "
	}
	return b.String()
}
