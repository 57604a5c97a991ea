package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"traillake/engine"
	"traillake/engine/dialect"
	"traillake/engine/encode"
	"traillake/internal/suggest"
	"traillake/schema"
)

// metaExplain is the one command that takes a statement, which ends with a semicolon
// and may go over several lines.
const metaExplain = `\explain`

// metaCommand is a command of the shell itself.
type metaCommand struct {
	names []string // the first is the one that help shows
	args  string
	help  string
	run   func(sh *shell, ctx context.Context, rest string) error
}

// metaCommands is a function because the help, which is one of them, lists them.
func metaCommands() []metaCommand {
	return []metaCommand{
		{[]string{`\?`, `\help`, `\h`}, "", "this list", func(sh *shell, _ context.Context, _ string) error {
			sh.app.say("%s", metaHelp())
			return nil
		}},
		{[]string{`\d`}, "[NAME]", "the stores; or the columns of a store, the fields of a column", (*shell).describe},
		{[]string{`\df`}, "[PATTERN]", "the functions, such as *json* or element_at", (*shell).functions},
		{[]string{`\queries`}, "[NAME]", "the saved queries, or one of them in full", (*shell).listQueries},
		{[]string{`\run`}, "NAME [PARAM=VALUE…]", "run a saved query", (*shell).runSaved},
		{[]string{metaExplain}, "[STATEMENT;]", "what the statement, or the last one, would read and run", func(sh *shell, ctx context.Context, _ string) error {
			return sh.statement(ctx, metaExplain)
		}},
		{[]string{`\e`, `\edit`}, "", "edit the statement with $EDITOR, then run it", func(sh *shell, ctx context.Context, _ string) error {
			return sh.edit(ctx)
		}},
		{[]string{`\store`}, "[NAME]", "show or set the store that $EDS_ID stands for", (*shell).setStore},
		{[]string{`\dialect`}, "[DIALECT]", "show or set the language: trino, which is CloudTrail Lake's, or duckdb", (*shell).setDialect},
		{[]string{`\format`}, "[FORMAT]", "show or set the output format: " + strings.Join(encode.Names(), ", "), (*shell).setFormat},
		{[]string{`\x`}, "[on|off]", "show each row of a table as lines of name and value", func(sh *shell, _ context.Context, rest string) error {
			return sh.toggle("expanded display", &sh.output.expanded, rest)
		}},
		{[]string{`\fresh`}, "[on|off]", "compute rows, also if they are kept from when the same was asked before", func(sh *shell, _ context.Context, rest string) error {
			return sh.toggle("asking afresh", &sh.eo.fresh, rest)
		}},
		{[]string{`\timing`}, "[on|off]", "show how long each statement takes", func(sh *shell, _ context.Context, rest string) error {
			return sh.toggle("timing", &sh.timing, rest)
		}},
		{[]string{`\q`, `\quit`, `\exit`}, "", "leave", func(*shell, context.Context, string) error { return errQuit }},
	}
}

// metaHelp lists the commands.
func metaHelp() string {
	var b strings.Builder
	b.WriteString("Commands, each on a line of its own:\n")
	for _, c := range metaCommands() {
		text := c.names[0]
		if c.args != "" {
			text += " " + c.args
		}
		if len(text) > 20 {
			fmt.Fprintf(&b, "  %s\n  %-22s", text, "")
		} else {
			fmt.Fprintf(&b, "  %-22s", text)
		}
		b.WriteString(strings.TrimLeft(wrap(c.help, strings.Repeat(" ", 24), 88), " "))
	}
	return b.String()
}

// metaLine returns the command with which text begins, up to the end of its line, and
// "" for SQL.
func metaLine(text string) string {
	text = skipBlank(text)
	if !strings.HasPrefix(text, `\`) {
		return ""
	}
	line, _, _ := strings.Cut(text, "\n")
	if rest, ok := cutExplain(line); ok && !blank(rest) {
		return "" // it ends where the statement does
	}
	return line
}

// cutExplain returns what follows \explain and a blank, if text begins with these.
func cutExplain(text string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(text, metaExplain)
	return rest, ok && strings.IndexAny(rest, " \t") == 0
}

// meta runs a command that begins with a backslash.
func (sh *shell) meta(ctx context.Context, line string) error {
	name, rest := line, ""
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		name, rest = line[:i], line[i+1:]
	}
	name = strings.TrimSuffix(name, ";")
	rest = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), ";"))
	var names []string
	for _, c := range metaCommands() {
		for _, n := range c.names {
			if n == name {
				return c.run(sh, ctx, rest)
			}
		}
		names = append(names, c.names...)
	}
	return fmt.Errorf(`no command %s%s; \? lists them`, name, didYouMean(name, names))
}

// didYouMean suggests a name, or nothing.
func didYouMean(name string, names []string) string {
	if s := suggest.Closest(name, names); s != "" {
		return "; did you mean " + s + "?"
	}
	return ""
}

// toggle sets what is on or off, or turns it over.
func (sh *shell) toggle(what string, value *bool, arg string) error {
	switch strings.ToLower(arg) {
	case "on":
		*value = true
	case "off":
		*value = false
	case "":
		*value = !*value
	default:
		return fmt.Errorf("%s is on or off, not %q", what, arg)
	}
	state := "off"
	if *value {
		state = "on"
	}
	sh.app.say("%s is %s\n", what, state)
	return nil
}

func (sh *shell) setStore(ctx context.Context, name string) error {
	if name != "" {
		s, err := sh.lake.Store(ctx, name)
		if err != nil {
			return err
		}
		sh.eo.store = s.Name()
	}
	sh.app.say("$EDS_ID is %s\n", sh.eo.store)
	return nil
}

func (sh *shell) setDialect(_ context.Context, name string) error {
	if name != "" {
		d, err := engine.ParseDialect(name)
		if err != nil {
			return err
		}
		sh.dialect = d.String()
	}
	sh.app.say("the dialect is %s\n", sh.dialect)
	return nil
}

func (sh *shell) setFormat(_ context.Context, name string) error {
	o := sh.output
	if name != "" {
		if err := o.format.Set(name); err != nil {
			return err
		}
	}
	f, err := o.choose(isTerminal(sh.app.stdout))
	if err != nil {
		return err
	}
	sh.output = o
	sh.app.say("the format is %s\n", f)
	return nil
}

// describe tells the stores, the columns of a store, or the fields of a column.
func (sh *shell) describe(ctx context.Context, name string) error {
	if name == "" {
		return sh.app.listStores(ctx, &sh.output)
	}
	rows := newListing(column{"name", ""}, column{"type", ""}, column{"doc", ""})
	_, err := sh.lake.Store(ctx, strings.Trim(name, `"`))
	if err == nil {
		for _, c := range schema.Visible() {
			rows.add(c.Name, shortType(c), c.Doc)
		}
		return sh.app.write(ctx, &sh.output, rows)
	}
	// Of a column, itself and all that is in it.
	found := false
	var paths []string
	eachColumn(func(path string, c schema.Column, _ bool) {
		paths = append(paths, path)
		if p := strings.ToLower(name); path == p || strings.HasPrefix(path, p+".") {
			rows.add(path, shortType(c), c.Doc)
			found = true
		}
	})
	switch {
	case found:
		return sh.app.write(ctx, &sh.output, rows)
	case dialect.Overloads(name) != nil:
		return sh.functions(ctx, name)
	}
	stores, err := sh.lake.Stores(ctx)
	if err != nil {
		return err
	}
	for _, s := range stores {
		paths = append(paths, s.Name())
	}
	return fmt.Errorf(`no store and no column %q%s; \d lists the stores, \d STORE its columns`, name, didYouMean(name, paths))
}

var functionKinds = map[dialect.FunctionKind]string{
	dialect.Scalar: "scalar", dialect.Aggregate: "aggregate", dialect.WindowOnly: "window",
}

// functions tells the functions that a pattern matches, or whose names hold it.
func (sh *shell) functions(ctx context.Context, pattern string) error {
	pattern = strings.ToLower(strings.TrimSuffix(pattern, "("))
	match := func(name string) bool { return strings.Contains(name, pattern) }
	switch {
	case dialect.Overloads(pattern) != nil:
		match = func(name string) bool { return name == pattern }
	case strings.ContainsAny(pattern, "*?"):
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("pattern %q: * stands for any letters, ? for one", pattern)
		}
		match = func(name string) bool { ok, _ := path.Match(pattern, name); return ok }
	}
	rows := newListing(column{"name", ""}, column{"kind", ""}, column{"signature", ""})
	found := false
	for _, name := range dialect.Functions() {
		if !match(name) {
			continue
		}
		found = true
		for _, o := range dialect.Overloads(name) {
			// The name may be another for the same function.
			rows.add(name, functionKinds[o.Kind], name+strings.TrimPrefix(o.Signature, o.Name))
		}
	}
	if !found {
		return fmt.Errorf(`no function %q%s; \df lists them`, pattern, didYouMean(pattern, dialect.Functions()))
	}
	return sh.app.write(ctx, &sh.output, rows)
}

func (sh *shell) listQueries(ctx context.Context, name string) error {
	set, err := sh.saved.load()
	if err != nil {
		return err
	}
	if name != "" {
		q, err := set.Get(name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(sh.app.stdout, describeQuery(q, "", textWidth(sh.app)))
		return err
	}
	rows := newListing(column{"name", ""}, column{"title", ""})
	for _, q := range set.All() {
		rows.add(q.Name, q.Title)
	}
	return sh.app.write(ctx, &sh.output, rows)
}

// runSaved runs a saved query. A value of the parameters, which are NAME=VALUE, goes on
// to the next NAME=, so that it may hold blanks; quotes around it are none of it, as in psql.
func (sh *shell) runSaved(ctx context.Context, rest string) error {
	words := strings.Fields(rest)
	if len(words) == 0 {
		return errors.New(`run which query? \queries lists them`)
	}
	set, err := sh.saved.load()
	if err != nil {
		return err
	}
	q, err := set.Get(words[0])
	if err != nil {
		return err
	}
	var params []string
	for _, word := range words[1:] {
		key, _, isParam := strings.Cut(word, "=")
		if isParam && q.Param(key) != nil || len(params) == 0 {
			params = append(params, word)
		} else {
			params[len(params)-1] += " " + word
		}
	}
	for i, param := range params {
		key, value, _ := strings.Cut(param, "=")
		if n := len(value); n >= 2 && value[0] == value[n-1] && (value[0] == '\'' || value[0] == '"') {
			params[i] = key + "=" + value[1:n-1]
		}
	}
	r, err := bindSaved(q, params, sh.app)
	if err != nil {
		return err
	}
	out := sh.output
	out.limit, out.raise = rowLimit(r), `\run `+q.Name+" limit=N"
	return sh.query(ctx, r, &out)
}
