package queries

import (
	"errors"
	"fmt"
	"strings"
)

// A token of SQL text. Only as much is told apart as it takes to know where a
// parameter stands: the engine's front end parses the rest.
type token struct {
	kind       tokenKind
	start, end int // bytes of the text
}

type tokenKind uint8

const (
	tokenSpace   tokenKind = iota
	tokenComment           // -- to the end of the line, or /* … */
	tokenString            // '…'
	tokenQuoted            // "…", a quoted identifier
	tokenWord              // identifier, keyword or number
	tokenParam             // :name
	tokenStore             // $EDS_ID
	tokenSymbol            // any other character; :: is one symbol
)

const storeToken = "$EDS_ID"

// lexError is a mistake at a byte of the SQL text.
type lexError struct {
	at  int
	err error
}

func (e *lexError) Error() string { return e.err.Error() }
func (e *lexError) Unwrap() error { return e.err }

func lexErrorf(at int, format string, args ...any) error {
	return &lexError{at: at, err: fmt.Errorf(format, args...)}
}

// lex splits SQL into tokens that cover it without a gap.
func lex(sql string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(sql); {
		kind, end, err := next(sql, i)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token{kind, i, end})
		i = end
	}
	return tokens, nil
}

// next finds the kind and the end of the token that begins at i.
func next(sql string, i int) (tokenKind, int, error) {
	c, rest := sql[i], sql[i:]
	switch {
	case isSpace(c):
		end := i
		for end < len(sql) && isSpace(sql[end]) {
			end++
		}
		return tokenSpace, end, nil
	case strings.HasPrefix(rest, "--"):
		// Both dialects end the comment at either line break.
		if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
			return tokenComment, i + n, nil
		}
		return tokenComment, len(sql), nil
	case strings.HasPrefix(rest, "/*"):
		return blockComment(sql, i)
	case c == '\'' || c == '"':
		kind := tokenString
		if c == '"' {
			kind = tokenQuoted
		}
		end, err := quoted(sql, i, c)
		return kind, end, err
	case isWordByte(c):
		return tokenWord, wordEnd(sql, i), nil
	case c == '$':
		if end := i + len(storeToken); strings.HasPrefix(rest, storeToken) &&
			(end == len(sql) || !isWordByte(sql[end]) && sql[end] != '$') {
			return tokenStore, end, nil
		}
		return 0, 0, lexErrorf(i, "%q is not allowed outside a string, except as %s; a parameter is written :name", '$', storeToken)
	case strings.HasPrefix(rest, "::"):
		return tokenSymbol, i + 2, nil
	case c == ':' && len(rest) > 1 && isNameStart(rest[1]):
		return tokenParam, wordEnd(sql, i+1), nil
	case c >= 0x80 || c < ' ':
		return 0, 0, lexErrorf(i, "character %q outside a string or comment", []rune(rest)[0])
	default:
		return tokenSymbol, i + 1, nil
	}
}

// blockComment finds the end of the comment that begins at i. A comment inside
// a comment is refused: DuckDB counts the levels and Trino does not.
func blockComment(sql string, i int) (tokenKind, int, error) {
	n := strings.Index(sql[i+2:], "*/")
	if n < 0 {
		return 0, 0, lexErrorf(i, "comment is not closed: no */")
	}
	if inner := strings.Index(sql[i+2:i+2+n], "/*"); inner >= 0 {
		return 0, 0, lexErrorf(i+2+inner, "/* inside a comment: engines disagree about where such a comment ends")
	}
	return tokenComment, i + 2 + n + 2, nil
}

// quoted finds the end of the string or identifier that begins at i with the
// quote q; a doubled quote stands for itself.
func quoted(sql string, i int, q byte) (int, error) {
	for j := i + 1; j < len(sql); j++ {
		if sql[j] != q {
			continue
		}
		if j+1 < len(sql) && sql[j+1] == q {
			j++
			continue
		}
		return j + 1, nil
	}
	return 0, lexErrorf(i, "%c is not closed", q)
}

// checkNeighbours refuses quotes behind a word (E'…', U&'…' have rules of
// their own about where they end) and parameters that touch something with which
// their literal would grow together.
func checkNeighbours(sql string, tokens []token) error {
	for i, t := range tokens {
		if t.kind == tokenParam && t.end < len(sql) && strings.IndexByte(`'".$`, sql[t.end]) >= 0 {
			return lexErrorf(t.start, "%s needs a blank behind it", sql[t.start:t.end])
		}
		if i == 0 {
			continue
		}
		before := tokens[i-1]
		last := sql[before.end-1]
		switch t.kind {
		case tokenString, tokenQuoted:
			if before.kind == tokenWord || last == '&' {
				return lexErrorf(t.start, "quote directly behind %q: put a blank between; strings with a prefix are not supported", sql[before.start:before.end])
			}
		case tokenParam:
			if isWordByte(last) || strings.IndexByte(`'".:$&`, last) >= 0 {
				return lexErrorf(t.start, "%s needs a blank before it", sql[t.start:t.end])
			}
		}
	}
	return nil
}

// statement trims the closing semicolon and checks that the text is one SELECT.
func statement(sql string) (string, []token, error) {
	tokens, err := lex(sql)
	if err != nil {
		return "", nil, err
	}
	first, end := -1, len(sql)
	for i, t := range tokens {
		if t.kind == tokenSpace || t.kind == tokenComment {
			continue
		}
		if end < len(sql) {
			return "", nil, lexErrorf(t.start, "text behind the closing semicolon: a saved query is one statement")
		}
		if sql[t.start] == ';' {
			end = t.start
			continue
		}
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		return "", nil, errors.New("no SQL behind the header")
	}
	word := sql[tokens[first].start:tokens[first].end]
	if !strings.EqualFold(word, "select") && !strings.EqualFold(word, "with") && word != "(" {
		return "", nil, lexErrorf(tokens[first].start, "the statement begins with %q; only SELECT and WITH … SELECT are queries", word)
	}
	if end < len(sql) {
		sql = sql[:end]
		for len(tokens) > 0 && tokens[len(tokens)-1].start >= end {
			tokens = tokens[:len(tokens)-1]
		}
	}
	return sql, tokens, nil
}

func wordEnd(sql string, i int) int {
	for i < len(sql) && isWordByte(sql[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func isNameStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isWordByte(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
