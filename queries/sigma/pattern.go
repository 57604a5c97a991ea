package sigma

import "strings"

// piece is a part of a pattern: text, or a wildcard.
type piece struct {
	text string
	wild byte // '*' or '?'; 0 for text
}

// pattern is a Sigma string, split at its wildcards.
type pattern []piece

// parsePattern reads a Sigma string. A backslash before *, ? or another backslash makes
// that plain; before anything else it is itself.
func parsePattern(s string) pattern {
	var p pattern
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			p = append(p, piece{text: text.String()})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`*?\`, s[i+1]) >= 0:
			i++
			text.WriteByte(s[i])
		case c == '*' || c == '?':
			flush()
			p = append(p, piece{wild: c})
		default:
			text.WriteByte(c)
		}
	}
	flush()
	return p
}

// plain returns the text of a pattern without wildcards.
func (p pattern) plain() (string, bool) {
	switch {
	case len(p) == 0:
		return "", true
	case len(p) == 1 && p[0].wild == 0:
		return p[0].text, true
	}
	return "", false
}

// surround puts a * before and behind the pattern.
func (p pattern) surround(before, behind bool) pattern {
	star := piece{wild: '*'}
	if before {
		p = append(pattern{star}, p...)
	}
	if behind {
		p = append(p[:len(p):len(p)], star)
	}
	return p
}

// anything reports whether every text matches.
func (p pattern) anything() bool {
	for _, part := range p {
		if part.wild != '*' {
			return false
		}
	}
	return len(p) > 0
}

// mapText returns the pattern with f applied to its texts.
func (p pattern) mapText(f func(string) string) pattern {
	out := make(pattern, len(p))
	for i, part := range p {
		out[i] = piece{f(part.text), part.wild}
	}
	return out
}

// like returns the pattern as one of LIKE, and whether \ escapes in it.
func (p pattern) like() (text string, escaped bool) {
	var b strings.Builder
	for i, part := range p {
		switch part.wild {
		case '?':
			b.WriteByte('_')
		case '*':
			if i == 0 || p[i-1].wild != '*' {
				b.WriteByte('%')
			}
		default:
			for _, r := range part.text {
				if r == '%' || r == '_' || r == '\\' {
					b.WriteByte('\\')
				}
				b.WriteRune(r)
			}
		}
	}
	return b.String(), strings.ContainsAny(p.texts(), `%_\`)
}

// texts returns all that is no wildcard.
func (p pattern) texts() string {
	var b strings.Builder
	for _, part := range p {
		b.WriteString(part.text)
	}
	return b.String()
}

// jsonEscaped writes a text as it stands inside of a text of a record, where it is not a part of the
// record's own JSON.
var jsonEscaped = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace
