package syntax

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number takes a number, with the minus sign in front of it where negative is set.
func (p *parser) number(negative bool) Expr {
	start, sign := p.tok().Start, ""
	if negative {
		p.next()
		sign = "-"
	}
	t := p.next()
	text, span := p.text[t.Start:t.End], Span{start, t.End}
	switch t.Kind {
	case Integer:
		v, ok := parseInt(text, negative)
		if !ok {
			p.fail(span, CodeSyntax, "the largest bigint is 9223372036854775807", "Invalid numeric literal: %s%s", sign, text)
		}
		return &IntLit{span, v}
	case Decimal:
		return &DecimalLit{span, sign + strings.ReplaceAll(text, "_", "")}
	default:
		v, err := strconv.ParseFloat(sign+text, 64)
		if err != nil && !math.IsInf(v, 0) { // what is too large is infinite
			p.fail(span, CodeSyntax, "", "Invalid numeric literal: %s%s", sign, text)
		}
		return &DoubleLit{span, v}
	}
}

// parseInt reads an integer of any base.
func parseInt(text string, negative bool) (int64, bool) {
	text = strings.ReplaceAll(text, "_", "")
	base := 10
	if len(text) > 2 && text[0] == '0' {
		switch text[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
		if base != 10 {
			text = text[2:]
		}
	}
	if negative {
		text = "-" + text
	}
	v, err := strconv.ParseInt(text, base, 64)
	return v, err == nil
}

// stringLit takes a text, plain or with Unicode escapes.
func (p *parser) stringLit() *StringLit {
	t := p.tok()
	switch t.Kind {
	case String:
		p.next()
		return &StringLit{t.Span, unquote(p.text[t.Start:t.End])}
	case UnicodeString:
		return p.unicodeString()
	}
	p.want("<string>")
	p.mismatch()
	return &StringLit{Span: t.Span}
}

func (p *parser) unicodeString() *StringLit {
	t := p.next()
	span := t.Span
	escape := byte('\\')
	if p.accept("UESCAPE") {
		e := p.tok()
		if e.Kind != String {
			p.want("<string>")
			p.mismatch()
			return &StringLit{Span: span}
		}
		p.next()
		s := unquote(p.text[e.Start:e.End])
		if len(s) != 1 || s[0] < 0x20 || s[0] > 0x7e || isHex(s[0]) || strings.Contains("+'\" ", s) {
			p.fail(e.Span, CodeSyntax, "", "Invalid Unicode escape character")
			return &StringLit{Span: span}
		}
		escape = s[0]
		span.End = e.End
	}
	value, problem := decodeUnicode(unquote(p.text[t.Start+2:t.End]), escape)
	if problem != "" {
		p.fail(t.Span, CodeSyntax, "", "%s", problem)
	}
	return &StringLit{span, value}
}

// decodeUnicode replaces \ with four and \+ with six hexadecimal digits, and returns what is wrong, if anything.
func decodeUnicode(s string, escape byte) (value, problem string) {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		if c != escape {
			b.WriteByte(c)
			i++
			continue
		}
		if at(s, i+1) == escape {
			b.WriteByte(escape)
			i += 2
			continue
		}
		from, digits := i+1, 4
		if at(s, i+1) == '+' {
			from, digits = i+2, 6
		}
		if from+digits > len(s) {
			return "", "Incomplete escape sequence: " + s[i:]
		}
		n, err := strconv.ParseUint(s[from:from+digits], 16, 32)
		switch {
		case err != nil:
			return "", "Invalid hexadecimal digit: " + s[from:from+digits]
		case n > utf8.MaxRune:
			return "", "Invalid escaped character: " + s[from:from+digits]
		case n >= 0xD800 && n <= 0xDFFF:
			return "", "Invalid escaped character: " + s[from:from+digits] + ". Escaped character is a surrogate. Use '\\+123456' instead."
		}
		b.WriteRune(rune(n))
		i = from + digits
	}
	return b.String(), ""
}

// binaryLit takes X'…'. Blanks between the digits do not count.
func (p *parser) binaryLit() Expr {
	t := p.next()
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, p.text[t.Start+2:t.End-1])
	value, err := hex.DecodeString(digits)
	switch {
	case err != nil && strings.IndexFunc(digits, func(r rune) bool { return r > 0x7f || !isHex(byte(r)) }) >= 0:
		p.fail(t.Span, CodeSyntax, "", "Binary literal can only contain hexadecimal digits")
	case err != nil:
		p.fail(t.Span, CodeSyntax, "", "Binary literal must contain an even number of digits")
	}
	return &BinaryLit{t.Span, value}
}

// fields are the units of intervals.
var fields = map[string]bool{"YEAR": true, "MONTH": true, "DAY": true, "HOUR": true, "MINUTE": true, "SECOND": true}

func (p *parser) interval() Expr {
	start := p.next().Start
	i := &IntervalLit{}
	if p.accept("-") {
		i.Negative = true
	} else {
		p.accept("+")
	}
	i.Value = p.stringLit()
	i.From = p.intervalField()
	if p.accept("TO") {
		i.To = p.intervalField()
	}
	i.Span = p.span(start)
	return i
}

func (p *parser) intervalField() IntervalField {
	t := p.tok()
	if fields[t.Key] {
		p.next()
		return IntervalField(t.Key)
	}
	for _, f := range []string{"DAY", "HOUR", "MINUTE", "MONTH", "SECOND", "YEAR"} {
		p.want(f)
	}
	if p.err == nil {
		p.mismatch()
		if strings.HasSuffix(upper(p.text[t.Start:t.End]), "S") {
			p.err.Hint = "units are singular: INTERVAL '7' DAY"
		}
	}
	return "DAY"
}
