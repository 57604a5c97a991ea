package syntax

import (
	"strings"
	"unicode/utf8"
)

// Lex splits text into tokens, without blanks and comments; the last one is EOF.
// It has no errors: a character that begins no token is a token of its own.
func Lex(text string) []Token {
	toks := make([]Token, 0, len(text)/4+8)
	for i := 0; ; {
		i = skipBlank(text, i)
		if i == len(text) {
			return append(toks, Token{Span: Span{i, i}, Kind: EOF})
		}
		t := next(text, i)
		toks = append(toks, t)
		i = t.End
	}
}

// skipBlank returns the offset of the first byte at or after i that is in no blank
// and no comment. A comment that is not closed is none.
func skipBlank(text string, i int) int {
	for i < len(text) {
		switch rest := text[i:]; {
		case strings.IndexByte(" \r\n\t", rest[0]) >= 0:
			i++
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				return len(text)
			}
			i += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return i
			}
			i += end + 4
		default:
			return i
		}
	}
	return i
}

func next(text string, i int) Token {
	c := text[i]
	switch {
	case (c == 'x' || c == 'X') && at(text, i+1) == '\'':
		if end := strings.IndexByte(text[i+2:], '\''); end >= 0 {
			return Token{Span: Span{i, i + 2 + end + 1}, Kind: BinaryString}
		}
	case (c == 'u' || c == 'U') && at(text, i+1) == '&' && at(text, i+2) == '\'':
		if end := quotedEnd(text, i+2); end > 0 {
			return Token{Span: Span{i, end}, Kind: UnicodeString}
		}
	case c == '\'' || c == '"' || c == '`':
		if end := quotedEnd(text, i); end > 0 {
			return Token{Span: Span{i, end}, Kind: quotedKind(c)}
		}
		return Token{Span: Span{i, i + 1}, Kind: Unrecognized}
	case isDigit(c) || c == '.' && isDigit(at(text, i+1)):
		return number(text, i)
	}
	if isLetter(c) || c == '_' {
		end := wordEnd(text, i)
		return Token{Span: Span{i, end}, Kind: Word, Key: keyword(text[i:end])}
	}
	for _, op := range operators {
		if strings.HasPrefix(text[i:], op) {
			return Token{Span: Span{i, i + len(op)}, Kind: Operator, Key: op}
		}
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return Token{Span: Span{i, i + size}, Kind: Unrecognized}
}

func quotedKind(quote byte) Kind {
	switch quote {
	case '\'':
		return String
	case '"':
		return QuotedIdent
	default:
		return BackquotedIdent
	}
}

// quotedEnd returns the offset behind the quoted text that begins at i, in which a
// doubled quote stands for one, and 0 when it is not closed.
func quotedEnd(text string, i int) int {
	quote := text[i]
	for j := i + 1; j < len(text); j++ {
		if text[j] != quote {
			continue
		}
		if at(text, j+1) != quote {
			return j + 1
		}
		j++
	}
	return 0
}

// number takes the longest number or identifier at i, as the grammar does: 1e5 is
// a number, 1e5x an identifier that begins with a digit.
func number(text string, i int) Token {
	end, kind := i, Integer
	if isDigit(text[i]) {
		end = integerEnd(text, i)
	}
	if at(text, end) == '.' && (end > i || isDigit(at(text, end+1))) {
		kind = Decimal
		end++
		if isDigit(at(text, end)) {
			end = digitsEnd(text, end, isDigit)
		}
	}
	// The mantissa of a double has no underscores.
	if e := exponentEnd(text, end); e > 0 && strings.IndexByte(text[i:end], '_') < 0 {
		kind, end = Double, e
	}
	if based := basedEnd(text, i); based > end {
		kind, end = Integer, based
	}
	if isDigit(text[i]) {
		if w := wordEnd(text, i); w > end {
			return Token{Span: Span{i, w}, Kind: DigitIdent}
		}
	}
	return Token{Span: Span{i, end}, Kind: kind}
}

func integerEnd(text string, i int) int { return digitsEnd(text, i, isDigit) }

// digitsEnd returns the end of digits with single underscores between them.
func digitsEnd(text string, i int, digit func(byte) bool) int {
	for i < len(text) {
		switch {
		case digit(text[i]):
			i++
		case text[i] == '_' && digit(at(text, i+1)):
			i += 2
		default:
			return i
		}
	}
	return i
}

// exponentEnd returns the end of an exponent that begins at i, and 0 without one.
func exponentEnd(text string, i int) int {
	if c := at(text, i); c != 'e' && c != 'E' {
		return 0
	}
	i++
	if c := at(text, i); c == '+' || c == '-' {
		i++
	}
	if !isDigit(at(text, i)) {
		return 0
	}
	for isDigit(at(text, i)) {
		i++
	}
	return i
}

// basedEnd returns the end of 0x…, 0o… or 0b…, and 0 for anything else.
func basedEnd(text string, i int) int {
	if text[i] != '0' || i+2 >= len(text) {
		return 0
	}
	var digit func(byte) bool
	switch text[i+1] {
	case 'x', 'X':
		digit = isHex
	case 'o', 'O':
		digit = func(c byte) bool { return c >= '0' && c <= '7' }
	case 'b', 'B':
		digit = func(c byte) bool { return c == '0' || c == '1' }
	default:
		return 0
	}
	end := digitsEnd(text, i+2, digit)
	if end == i+2 {
		return 0
	}
	return end
}

func wordEnd(text string, i int) int {
	for i < len(text) && isWord(text[i]) {
		i++
	}
	return i
}

// keyword returns the keyword in upper case, or "" when word is none.
func keyword(word string) string {
	var buf [20]byte
	if len(word) > len(buf) {
		return ""
	}
	for i := range len(word) {
		c := word[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		buf[i] = c
	}
	return canonical[string(buf[:len(word)])]
}

// at returns the byte at i, and 0 outside of the text.
func at(text string, i int) byte {
	if i >= len(text) {
		return 0
	}
	return text[i]
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func upper(s string) string      { return strings.ToUpper(s) }
func lower(s string) string      { return strings.ToLower(s) }
func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// QuoteName writes a name as SQL, in quotes where it needs them.
func QuoteName(name string) string {
	if plain(name) {
		return name
	}
	return quoteIdent(name)
}

// plain says whether a name needs no quotes. Keywords that are not reserved need
// them in few places only; they get them in all.
func plain(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return s != "" && !isDigit(s[0]) && !Keyword(upper(s))
}
