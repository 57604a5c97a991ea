package command

import (
	"context"
	"strings"

	"traillake/engine"
	"traillake/engine/dialect"
	"traillake/engine/dialect/complete"
	"traillake/engine/encode"
	"traillake/queries"
	"traillake/schema"
)

// indent is what the tab key gives in front of a line's first word. It is blanks, so
// that lines which are pasted with their tabs do not complete anything.
const indent = "    "

// completer knows what the tab key completes.
type completer struct {
	names complete.Names
	saved *queries.Set
	// paths are the columns and their fields.
	paths []string
}

func (sh *shell) newCompleter(ctx context.Context) (*completer, error) {
	c := &completer{}
	stores, _ := sh.lake.Stores(ctx) // those that can be opened
	for _, s := range stores {
		c.names.Stores = append(c.names.Stores, s.Name())
	}
	saved, err := sh.saved.load()
	if err != nil {
		return nil, err
	}
	c.saved = saved
	spelling := map[string]string{}
	eachColumn(func(path string, col schema.Column, _ bool) {
		c.paths = append(c.paths, path)
		// AWS's schema spells one field in another way than its records do, and one
		// field is ARN in a list and arn elsewhere.
		if strings.EqualFold(col.Name, col.Key) && col.Key != strings.ToUpper(col.Key) {
			spelling[col.Name] = col.Key
		}
	})
	c.names.Spelling = func(name string) string {
		if s := spelling[name]; s != "" {
			return s
		}
		return name
	}
	for _, col := range append(schema.Visible(), schema.Reachable()...) {
		name := c.names.Spelling(col.Name)
		switch col.Name {
		case schema.ColEventJSON:
			name = "eventJson"
		case schema.ColEventChecksum:
			name = "eventJsonChecksum"
		}
		c.names.Columns = append(c.names.Columns, complete.Field{Name: name, Type: dialect.MustType(col.Type())})
	}
	return c, nil
}

// complete returns what stands in front of the word at character at, the words that it
// may become, and what follows. pending are the lines above.
func (c *completer) complete(pending, line string, at int, d string) (head string, found []string, tail string) {
	runes := []rune(line)
	at = min(at, len(runes))
	head, tail = string(runes[:at]), string(runes[at:])
	text := strings.TrimLeft(head, " \t")
	switch {
	case text == "":
		return head, []string{indent}, tail
	case blank(pending) && strings.HasPrefix(text, `\`):
		rest, ok := cutExplain(text)
		if !ok {
			start := strings.LastIndexAny(text, " \t") + 1
			return head[:len(head)-len(text)+start], c.meta(text, text[start:]), tail
		}
		pending, text = "", rest
	default:
		text = pending + head
	}
	names := c.names
	if d == engine.DialectTrino.String() {
		names.Functions = dialect.Functions()
	}
	start, list := complete.At(text+tail, len(text), names)
	typed := text[start:]
	if len(typed) > len(head) {
		return head, nil, tail // the word began on a line above
	}
	for _, f := range list {
		found = append(found, f.Text)
	}
	if len(list) == 1 && list[0].Kind == complete.Keyword && !strings.HasSuffix(found[0], "(") && !strings.HasPrefix(tail, " ") {
		found[0] += " "
	}
	return head[:len(head)-len(typed)], found, tail
}

// meta returns what the last word of a command may become.
func (c *completer) meta(text, word string) []string {
	words := strings.Fields(strings.TrimSuffix(text, word))
	var list []string
	if len(words) == 0 {
		for _, m := range metaCommands() {
			list = append(list, m.names[0])
		}
		return startingWith(list, word)
	}
	switch words[0] {
	case `\d`:
		list = append(append(list, c.names.Stores...), c.paths...)
	case `\store`:
		list = c.names.Stores
	case `\df`:
		list = dialect.Functions()
	case `\dialect`:
		list = []string{engine.DialectTrino.String(), engine.DialectDuckDB.String()}
	case `\format`:
		list = encode.Names()
	case `\x`, `\timing`, `\fresh`:
		list = []string{"on", "off"}
	case `\queries`, `\run`:
		if len(words) > 1 {
			return c.params(words[0], words[1], word)
		}
		for _, q := range c.saved.All() {
			list = append(list, q.Name)
		}
	}
	if len(words) > 1 {
		return nil
	}
	return startingWith(list, word)
}

// params returns the parameters of the saved query that is run.
func (c *completer) params(command, name, word string) []string {
	q, err := c.saved.Get(name)
	if err != nil || command != `\run` {
		return nil
	}
	var list []string
	for _, p := range q.Params {
		list = append(list, p.Name+"=")
	}
	return startingWith(list, word)
}

// startingWith returns those of the names that begin as word does, in any case, with
// the word's letters as they are.
func startingWith(names []string, word string) []string {
	var found []string
	for _, n := range names {
		if len(n) >= len(word) && strings.EqualFold(n[:len(word)], word) {
			found = append(found, word+n[len(word):])
		}
	}
	return found
}
