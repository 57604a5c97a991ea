package scalar

import (
	"net/url"
	"strconv"
	"strings"
)

var urlFuncs = []Func{
	{"t_url_decode", "s", Text, func(r *Row) error {
		s, err := url.QueryUnescape(r.S[0])
		if err != nil {
			return badArgument("Illegal hex characters in escape (%%) pattern: %s", r.S[0])
		}
		return r.setText(s, true)
	}},
	{"t_url_encode", "s", Text, func(r *Row) error {
		// Java leaves * as it is and writes ~ as %7E.
		s := strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(r.S[0]), "%2A", "*"), "~", "%7E")
		return r.setText(s, true)
	}},
	{"t_url_fragment", "s", Text, urlPart(func(u *url.URL) string { return u.Fragment })},
	{"t_url_host", "s", Text, urlPart(func(u *url.URL) string { return u.Hostname() })},
	{"t_url_path", "s", Text, urlPart(func(u *url.URL) string { return u.Path })},
	{"t_url_protocol", "s", Text, urlPart(func(u *url.URL) string { return u.Scheme })},
	{"t_url_query", "s", Text, urlPart(func(u *url.URL) string {
		q, err := url.PathUnescape(u.RawQuery)
		if err != nil {
			return u.RawQuery
		}
		return q
	})},
	{"t_url_port", "s", Int, func(r *Row) error {
		u, err := url.Parse(r.S[0])
		if r.Null = true; err == nil {
			if n, err := strconv.ParseInt(u.Port(), 10, 64); err == nil {
				r.Num, r.Null = n, false
			}
		}
		return nil
	}},
	{"t_url_parameter", "ss", Text, func(r *Row) error {
		u, err := url.Parse(r.S[0])
		if r.Null = true; err != nil {
			return nil
		}
		for part := range strings.SplitSeq(u.RawQuery, "&") {
			k, v, _ := strings.Cut(part, "=")
			if key, err := url.QueryUnescape(k); err == nil && key == r.S[1] {
				if v, err = url.QueryUnescape(v); err == nil {
					r.Str, r.Null = v, false
				}
				return nil
			}
		}
		return nil
	}},
}

// urlPart gives a part, NULL for what is no URL.
func urlPart(part func(*url.URL) string) func(*Row) error {
	return func(r *Row) error {
		u, err := url.Parse(r.S[0])
		if err != nil || strings.ContainsAny(r.S[0], " ") {
			r.Null = true
			return nil
		}
		return r.setText(part(u), true)
	}
}
