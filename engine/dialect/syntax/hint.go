package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// hint says what to do about a token that does not fit, where that can be guessed,
// and else nothing.
func (p *parser) hint() string {
	t := p.tok()
	text := p.text[t.Start:t.End]
	var prev Token
	if p.pos > 0 {
		prev = p.toks[p.pos-1]
	}
	adjacent := p.pos > 0 && prev.End == t.Start
	switch {
	case t.Kind == Unrecognized:
		return p.unrecognizedHint(text)
	case prev.Kind == String && adjacent && isIdent(t):
		return "a quote within a text is written twice: 'can''t'"
	case p.foreignForm(prev) != "":
		return p.foreignForm(prev)
	case prev.Key == "," && (t.Kind == EOF || t.Key == ")" || behindList(t.Key)):
		return "there is a comma too many"
	case t.Kind == EOF && p.unclosed() != "":
		return p.unclosed()
	case t.Key == ")" && slices.Contains(p.wanted, "<EOF>"):
		return "there is no ( for this )"
	case t.Key == ")" && prev.Key == "(" && p.pos > 1 && p.toks[p.pos-2].Key == "IN":
		return "a list has one value at least"
	case p.clauseHint() != "":
		return p.clauseHint()
	case (t.Key == "ORDER" || t.Key == "GROUP") && p.peek(1).Key != "BY":
		return "write " + t.Key + " BY"
	case p.pos > 0 && (t.Key == "TRUE" || t.Key == "FALSE"):
		return p.truthHint(t.Key, prev)
	case p.exceptAhead():
		return "name the columns that you want"
	case prev.Key == "IS" && (t.Kind == String || t.Kind == Integer):
		return "compare with ="
	case prev.Key == "IN" && t.Kind != EOF:
		return "put the values in parentheses: IN ('a', 'b')"
	case prev.Kind == String && p.pos > 1 && p.toks[p.pos-2].Key == "INTERVAL":
		return "the unit stands behind the quotes: INTERVAL '7' DAY"
	case t.Key == "=" && prev.Key == "=":
		return "compare with ="
	case t.Key == ":" && p.peek(1).Key == ":":
		return "use CAST(value AS type)"
	case t.Key == "*" && prev.Key == "*" && adjacent:
		return "use power(x, y)"
	case t.Key == "/" && prev.Key == "/" && adjacent:
		return "/ between integers gives an integer"
	case t.Key == "*" && prev.Key == "/" && adjacent:
		return "the comment is not closed"
	case prev.Key == "INTERVAL" && t.Kind == Integer:
		return "put the number in single quotes: INTERVAL '" + text + "' DAY"
	case prev.Key == "LIMIT" && t.Kind != Word:
		return "LIMIT takes a number of rows"
	case prev.Kind == Word && upper(p.text[prev.Start:prev.End]) == "QUALIFY":
		return foreignWords["QUALIFY"]
	case prev.Kind == Word && upper(p.text[prev.Start:prev.End]) == "TOP" && p.pos > 1 && p.toks[p.pos-2].Key == "SELECT":
		return foreignWords["TOP"]
	case t.Key == "%" && prev.Kind == Integer:
		return "LIMIT takes a number of rows; use TABLESAMPLE BERNOULLI (p) for a share of them"
	case t.Key == "<" && p.placeholderAhead(), prev.Key == "FROM" && (text == "[" || text == "*" || text == "<"):
		return "put the id of an event data store in the place of the placeholder"
	case text == ":" && prev.Kind == Word && upper(p.text[prev.Start:prev.End]) == "ARN":
		return "put the ARN in double quotes"
	case t.Kind == String && prev.Key == "FROM":
		return "name an event data store; files cannot be read"
	case t.Kind == Word:
		return p.wordHint(upper(text), prev)
	}
	return p.missingBetween()
}

// foreignForm says how to write what other systems have otherwise, "" where it is not that.
func (p *parser) foreignForm(prev Token) string {
	t := p.tok()
	switch {
	case (t.Key == "LEFT" || t.Key == "RIGHT") && p.peek(1).Key == "(":
		if t.Key == "LEFT" {
			return "use substr(x, 1, n)"
		}
		return "use substr(x, -n)"
	case t.Key == "," && prev.Kind == Integer && p.pos > 1 && p.toks[p.pos-2].Key == "LIMIT":
		return "write OFFSET in front of LIMIT: OFFSET 5 LIMIT 10"
	case t.Kind == String && prev.Key == "AS":
		return "a name stands in double quotes, if it needs any"
	case t.Key == ")" && prev.Key == "(" && p.pos > 1 && strings.HasPrefix(p.toks[p.pos-2].Key, "CURRENT_"):
		return "write it without the parentheses"
	case t.Key == "->" || t.Key == ">" && prev.Key == "->":
		return "use json_extract_scalar(json, '$.key'), or element_at(map, 'key')"
	}
	return ""
}

// behindList says whether a word goes on behind a list, and begins no element of one.
func behindList(key string) bool {
	return slices.Contains(clauses, key) || slices.Contains([]string{"UNION", "EXCEPT", "INTERSECT", "JOIN", "INNER", "CROSS", "NATURAL", "ON", "AS", "AND", "OR"}, key)
}

// clauses are the clauses of a query in their order.
var clauses = []string{"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "OFFSET", "LIMIT"}

// clauseHint says in front of which clause another belongs, "" where it is not that.
func (p *parser) clauseHint() string {
	t := p.tok()
	rank := slices.Index(clauses, t.Key)
	if rank < 0 || slices.Contains(p.wanted, t.Key) {
		return ""
	}
	depth, behind := 0, len(clauses)
	for i := p.pos - 1; i >= 0 && depth >= 0; i-- {
		switch key := p.toks[i].Key; {
		case key == ")":
			depth++
		case key == "(":
			depth--
		case depth > 0:
		case key == "SELECT":
			depth = -1
		default:
			if r := slices.Index(clauses, key); r >= rank && r < behind {
				behind = r
			}
		}
	}
	switch {
	case behind == len(clauses):
		return ""
	case behind > rank:
		return clauseName(t.Key) + " stands in front of " + clauseName(clauses[behind])
	case t.Key == "WHERE":
		return "there is a WHERE already; join the conditions with AND"
	}
	return ""
}

func clauseName(key string) string {
	if key == "ORDER" || key == "GROUP" {
		return key + " BY"
	}
	return key
}

// truthHint says how to write IS TRUE, "" where it is not that.
func (p *parser) truthHint(word string, prev Token) string {
	switch {
	case prev.Key == "IS":
		return "write = " + strings.ToLower(word)
	case prev.Key == "NOT" && p.pos > 1 && p.toks[p.pos-2].Key == "IS":
		return "write IS DISTINCT FROM " + strings.ToLower(word)
	}
	return p.missingBetween()
}

// exceptAhead says whether the token is the first of the columns of * EXCEPT (…).
func (p *parser) exceptAhead() bool {
	i := p.pos - 1
	if i > 0 && p.toks[i].Key == "(" {
		i--
	}
	return i > 0 && p.toks[i].Key == "EXCEPT" && p.toks[i-1].Key == "*" && isIdent(p.tok())
}

// missingBetween guesses what is missing in front of a token that begins a value or a
// name.
func (p *parser) missingBetween() string {
	t := p.tok()
	if !isIdent(t) && t.Kind != String && t.Kind != Integer && t.Key != "(" {
		return ""
	}
	switch {
	case slices.Contains(p.wanted, ","):
		return "a comma is missing in front of it, or a word is misspelt"
	case slices.Contains(p.wanted, "AND") && slices.Contains(p.wanted, "<EOF>"):
		return "AND or OR is missing in front of it"
	}
	return ""
}

// unclosed says where the last parenthesis is that nothing closes, "" for none.
func (p *parser) unclosed() string {
	for i := len(p.toks) - 1; i >= 0; i-- {
		if p.toks[i].Key == "(" && p.closing[i] < 0 {
			line, column := Position(p.text, p.toks[i].Start)
			return fmt.Sprintf("the ( at line %d:%d is not closed", line, column)
		}
	}
	return ""
}

// misspelt says which word begins a query where the first one is nearly that.
func (p *parser) misspelt(word string) string {
	if p.pos > 0 || len(word) < 4 {
		return ""
	}
	for _, w := range []string{"SELECT", "WITH", "VALUES"} {
		if len(word) >= len(w)-1 && len(word) <= len(w)+1 && word[0] == w[0] && word[len(word)-1] == w[len(w)-1] {
			return "did you mean " + w + "?"
		}
	}
	return ""
}

// placeholderAhead says whether <words> stands here.
func (p *parser) placeholderAhead() bool {
	for i := 1; i < 6; i++ {
		switch t := p.peek(i); {
		case t.Key == ">":
			return i > 1
		case t.Kind != Word:
			return false
		}
	}
	return false
}

func (p *parser) unrecognizedHint(text string) string {
	switch text {
	case "'":
		return "the text is not closed"
	case `"`:
		return "the quoted name is not closed"
	case "\u00a0", "\u2007", "\u202f", "\u200b", "\ufeff":
		return "this is a special blank; type an ordinary one"
	case "\u2018", "\u2019":
		return "this is a typographic quote; use '"
	case "\u201c", "\u201d":
		return `this is a typographic quote; use "`
	case "{":
		return "put a value in the place of the placeholder"
	case "$":
		return "texts stand in single quotes; the default store is $EDS_ID"
	case "~":
		return "use regexp_like(text, pattern)"
	}
	return ""
}

// foreignWords are words of other systems and what to write instead.
var foreignWords = map[string]string{
	"ILIKE":     "use lower(x) LIKE pattern",
	"RLIKE":     "use regexp_like(x, pattern)",
	"REGEXP":    "use regexp_like(x, pattern)",
	"GLOB":      "use LIKE or regexp_like",
	"SIMILAR":   "use regexp_like(x, pattern)",
	"QUALIFY":   "put the window function into a sub-query and test it outside",
	"EXCLUDE":   "name the columns that you want",
	"SEPARATOR": "use listagg(x, ',') WITHIN GROUP (ORDER BY x)",
	"UNKNOWN":   "use IS NULL",
	"TOP":       "use LIMIT at the end",
	"ISNULL":    "use IS NULL",
	"NOTNULL":   "use IS NOT NULL",
	"DIV":       "/ between integers gives an integer",
	"MOD":       "use % or mod(x, y)",
	"INTO":      "a query cannot write",
	"FROM":      "",
	"OFFSET":    "OFFSET stands in front of LIMIT",
	"DESCLIMIT": "a blank is missing: DESC LIMIT",
}

// glued are keywords that are found at the end of a word when the blank in front of
// them is missing.
var glued = []string{"ORDER", "GROUP", "WHERE", "FROM", "LIMIT", "HAVING", "SELECT"}

func (p *parser) wordHint(word string, prev Token) string {
	if h, ok := foreignWords[word]; ok && h != "" {
		return h
	}
	if word == prev.Key && Reserved(word) {
		return "the word stands there twice"
	}
	// eventNameORDER BY: the misfit is BY, the word before holds the keyword.
	if word == "BY" && prev.Kind == Word {
		before := p.text[prev.Start:prev.End]
		for _, k := range glued {
			if len(before) > len(k) && strings.HasSuffix(upper(before), k) {
				return "a blank is missing in front of " + before[len(before)-len(k):]
			}
		}
	}
	if s := p.misspelt(word); s != "" {
		return s
	}
	before := ""
	if prev.Kind == Word {
		before = upper(p.text[prev.Start:prev.End])
	}
	switch {
	case before == "ORDERBY" || before == "GROUPBY":
		return "write " + before[:5] + " BY"
	case word == "SELECT" && slices.Contains(p.wanted, "<EOF>"):
		return "send one statement at a time"
	case Reserved(word) && len(p.wanted) < 8 && (slices.Contains(p.wanted, "<expression>") || slices.Contains(p.wanted, "<identifier>")):
		return "quote " + p.text[p.tok().Start:p.tok().End] + " if it is meant as a name"
	}
	return p.missingBetween()
}
