package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxDepth bounds the parentheses and nots of a condition.
const maxDepth = 50

var conditionToken = regexp.MustCompile(`^(?:[()|]|[^\s()|]+)`)

// conditionParser reads a condition over the selections of a rule. Not binds more than
// and, and that more than or.
type conditionParser struct {
	selections map[string]expression
	names      []string // in the order of the rule
	tokens     []string
	depth      int
}

// parseCondition returns what the condition means and, behind a |, the text of its
// aggregation.
func parseCondition(text string, selections map[string]expression, names []string) (expression, string, error) {
	text, aggregation, _ := strings.Cut(text, "|")
	p := &conditionParser{selections: selections, names: names}
	for rest := strings.TrimSpace(text); rest != ""; {
		token := conditionToken.FindString(rest)
		p.tokens = append(p.tokens, token)
		rest = strings.TrimSpace(rest[len(token):])
	}
	e, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("%q was not expected", p.tokens[0])
	}
	if err != nil {
		return nil, "", fmt.Errorf("condition: %w", err)
	}
	return e, strings.TrimSpace(aggregation), nil
}

// word takes the next token if it is w.
func (p *conditionParser) word(w string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], w) || p.selections[p.tokens[0]] != nil {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *conditionParser) or() (expression, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels of parentheses and nots", maxDepth)
	}
	defer func() { p.depth-- }()
	var parts or
	for {
		e, err := p.and()
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if !p.word("or") {
			return parts, nil
		}
	}
}

func (p *conditionParser) and() (expression, error) {
	var parts and
	for {
		e, err := p.not()
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if !p.word("and") {
			return parts, nil
		}
	}
}

func (p *conditionParser) not() (expression, error) {
	if !p.word("not") {
		return p.primary()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels of parentheses and nots", maxDepth)
	}
	defer func() { p.depth-- }()
	e, err := p.not()
	if err != nil {
		return nil, err
	}
	return not{e}, nil
}

func (p *conditionParser) primary() (expression, error) {
	if p.word("(") {
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.word(")") {
			return nil, fmt.Errorf("a ( is not closed")
		}
		return e, nil
	}
	if len(p.tokens) == 0 {
		return nil, fmt.Errorf("it ends where a selection is expected; the selections are %s", strings.Join(p.names, ", "))
	}
	name := p.tokens[0]
	p.tokens = p.tokens[1:]
	if e := p.selections[name]; e != nil {
		return e, nil
	}
	if len(p.tokens) > 1 && strings.EqualFold(p.tokens[0], "of") {
		of := p.tokens[1]
		p.tokens = p.tokens[2:]
		return p.of(strings.ToLower(name), of)
	}
	return nil, fmt.Errorf("no selection %q; the selections are %s", name, strings.Join(p.names, ", "))
}

// of reads what stands around the word of: 1 of selection_*, all of them.
func (p *conditionParser) of(quantity, names string) (expression, error) {
	if quantity != "1" && quantity != "any" && quantity != "all" {
		return nil, fmt.Errorf("%q of: only 1 of, any of and all of are known; write the combinations out", quantity)
	}
	var parts []expression
	named := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(names), `\*`, ".*") + "$")
	for _, name := range p.names {
		found := !strings.HasPrefix(name, "_")
		if !strings.EqualFold(names, "them") || p.selections[names] != nil {
			found = named.MatchString(name)
		}
		if found {
			parts = append(parts, p.selections[name])
		}
	}
	switch {
	case len(parts) == 0:
		return nil, fmt.Errorf("no selection is called %s; the selections are %s", names, strings.Join(p.names, ", "))
	case quantity == "all":
		return and(parts), nil
	}
	return or(parts), nil
}

// reserved are the words of a condition.
var reserved = []string{"and", "or", "not", "of"}

func checkSelectionName(name string) error {
	if slices.Contains(reserved, strings.ToLower(name)) || conditionToken.FindString(name) != name || strings.ContainsAny(name, "()|") {
		return fmt.Errorf("selection %q: a name has no blanks, parentheses or bars, and is not one of the words of a condition", name)
	}
	return nil
}
