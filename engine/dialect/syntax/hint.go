package syntax

import (
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
	case t.Key == "%" && prev.Kind == Integer:
		return "LIMIT takes a number of rows; use TABLESAMPLE BERNOULLI (p) for a share of them"
	case t.Key == "<" && p.placeholderAhead():
		return "put the id of an event data store in the place of the placeholder"
	case t.Kind == String && prev.Key == "FROM":
		return "name an event data store; files cannot be read"
	case t.Kind == Word:
		return p.wordHint(upper(text), prev)
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
	switch {
	case word == "SELECT" && slices.Contains(p.wanted, "<EOF>"):
		return "send one statement at a time"
	case Reserved(word) && len(p.wanted) < 8 && (slices.Contains(p.wanted, "<expression>") || slices.Contains(p.wanted, "<identifier>")):
		return "quote " + p.text[p.tok().Start:p.tok().End] + " if it is meant as a name"
	}
	return ""
}
