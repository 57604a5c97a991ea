package scalar

import (
	"net/url"
	"strings"
)

var urlFuncs = []Func{
	{"t_url_decode", "s", Text, func(r *Row) error {
		s, err := url.QueryUnescape(r.S[0])
		if err != nil {
			return badArgument("Illegal hex characters in escape (%%) pattern: %s", r.S[0])
		}
		return r.setText(javaText(s), true)
	}},
	{"t_url_encode", "s", Text, func(r *Row) error {
		// Java leaves * as it is and writes ~ as %7E.
		s := strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(r.S[0]), "%2A", "*"), "~", "%7E")
		return r.setText(s, true)
	}},
	{"t_url_fragment", "s", Text, urlPart(func(u uri) string { return decoded(u.fragment) })},
	{"t_url_host", "s", Text, urlPart(func(u uri) string { return u.host })},
	{"t_url_path", "s", Text, urlPart(func(u uri) string { return decoded(u.path) })},
	{"t_url_protocol", "s", Text, urlPart(func(u uri) string { return u.scheme })},
	{"t_url_query", "s", Text, urlPart(func(u uri) string { return decoded(u.query) })},
	{"t_url_port", "s", Int, func(r *Row) error {
		u, ok := parseURI(r.S[0])
		r.Num, r.Null = int64(u.port), !ok || u.port < 0
		return nil
	}},
	{"t_url_parameter", "ss", Text, func(r *Row) error {
		u, ok := parseURI(r.S[0])
		if r.Null = true; !ok || !u.hasQuery {
			return nil
		}
		for part := range strings.SplitSeq(u.query, "&") {
			if k, v, _ := strings.Cut(part, "="); k == r.S[1] {
				v, err := url.QueryUnescape(v)
				return firstError(err, r.setText(javaText(v), true))
			}
		}
		return nil
	}},
}

// urlPart gives a part, NULL for what is no URL.
func urlPart(part func(uri) string) func(*Row) error {
	return func(r *Row) error {
		u, ok := parseURI(r.S[0])
		return r.setText(part(u), ok)
	}
}

// javaText is a text with the bytes that are none replaced, as Java does it.
func javaText(s string) string {
	return validText(s, "\uFFFD", func(s string) int {
		switch n := badBytes(s); {
		case n > 1 && (s[0] < 0xc2 || s[0] > 0xf4 || s[0] == 0xe0 && s[1] < 0xa0 || s[0] == 0xf0 && s[1] < 0x90 || s[0] == 0xf4 && s[1] > 0x8f):
			return 1
		default:
			return n
		}
	})
}
