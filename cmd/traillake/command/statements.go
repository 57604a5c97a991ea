package command

import "strings"

// splitStatement cuts the first statement off text: what stands before a semicolon
// outside quotes and comments, and the rest behind it. ok is false when there is no
// such semicolon.
func splitStatement(text string) (statement, rest string, ok bool) {
	for i := 0; i < len(text); {
		switch {
		case text[i] == ';':
			return text[:i], text[i+1:], true
		case text[i] == '\'' || text[i] == '"':
			// A doubled quote ends one text and begins the next, which comes to the same.
			i = skipPast(text, i+1, text[i:i+1])
		case strings.HasPrefix(text[i:], "--"):
			i = skipPast(text, i, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = skipPast(text, i+2, "*/")
		default:
			i++
		}
	}
	return "", text, false
}

// skipPast returns the place behind the next end at or after i, or the end of text.
func skipPast(text string, i int, end string) int {
	if n := strings.Index(text[i:], end); n >= 0 {
		return i + n + len(end)
	}
	return len(text)
}

// blank reports whether text holds no SQL, only white space and comments.
func blank(text string) bool { return skipBlank(text) == "" }

// skipBlank returns text without the white space and the comments in front.
func skipBlank(text string) string {
	for {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "--"):
			text = text[skipPast(text, 0, "\n"):]
		case strings.HasPrefix(text, "/*"):
			text = text[skipPast(text, 2, "*/"):]
		default:
			return text
		}
	}
}
