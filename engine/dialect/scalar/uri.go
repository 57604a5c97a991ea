package scalar

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// uri is a URL as Java's class URI reads it: by RFC 2396, with the strings inside still encoded. It has no
// host where the authority is none of a server, such as one with an underscore.
type uri struct {
	scheme, host, path, query, fragment string
	port                                int // -1 for none
	hasQuery                            bool
}

// Characters of parts of a URL, besides letters and digits.
const (
	uriMark     = "-_.!~*'()"
	uriPath     = uriMark + ":@&=+$,;/"
	uriAny      = uriPath + "?[]"
	uriUserInfo = uriMark + ";:&=+$,"
	uriServer   = uriUserInfo + "@[]%"
	uriRegistry = uriUserInfo + "@"
)

func isAlphanumeric(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' }

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// uriChars says whether a text has only letters, digits, escapes, characters beyond ASCII that are no
// spaces, and those of also.
func uriChars(s, also string) bool {
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case c >= utf8.RuneSelf:
			if unicode.Is(unicode.Z, c) || unicode.IsControl(c) {
				return false
			}
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			n = 3
		case !isAlphanumeric(byte(c)) && strings.IndexByte(also, byte(c)) < 0:
			return false
		}
		i += n
	}
	return true
}

func parseURI(s string) (u uri, ok bool) {
	u.port = -1
	rest, fragment, _ := strings.Cut(s, "#")
	if !uriChars(fragment, uriAny) {
		return u, false
	}
	u.fragment = fragment
	if i := strings.IndexAny(rest, ":/?"); i >= 0 && rest[i] == ':' {
		u.scheme, rest = rest[:i], rest[i+1:]
		if u.scheme == "" || !isLetter(u.scheme[0]) || strings.ContainsFunc(u.scheme, func(c rune) bool {
			return c >= utf8.RuneSelf || !isAlphanumeric(byte(c)) && !strings.ContainsRune("+-.", c)
		}) {
			return u, false
		}
		if !strings.HasPrefix(rest, "/") { // opaque, as of mailto
			return u, rest != "" && uriChars(rest, uriAny)
		}
	}
	if after, has := strings.CutPrefix(rest, "//"); has {
		end := strings.IndexAny(after, "/?")
		if end < 0 {
			end = len(after)
		}
		if end == 0 && len(after) == 0 && !strings.Contains(s, "#") || end > 0 && !u.authority(after[:end]) {
			return u, false
		}
		rest = after[end:]
	}
	u.path, u.query, u.hasQuery = strings.Cut(rest, "?")
	return u, uriChars(u.path, uriPath) && uriChars(u.query, uriAny)
}

// authority reads what stands between // and the path. ok is false for what is not even the name of
// something other than a server.
func (u *uri) authority(s string) (ok bool) {
	if uriChars(s, uriServer) {
		if host, port, ok := server(s); ok {
			u.host, u.port = host, port
			return true
		}
	}
	return uriChars(s, uriRegistry)
}

func server(s string) (host string, port int, ok bool) {
	port = -1
	if i := strings.IndexByte(s, '@'); i >= 0 {
		if !uriChars(s[:i], uriUserInfo) {
			return "", 0, false
		}
		s = s[i+1:]
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, false
		}
		address, zone, zoned := strings.Cut(s[1:end], "%")
		a, err := netip.ParseAddr(address)
		if err != nil || !a.Is6() || zoned && (zone == "" || !uriChars(zone, "_.%")) {
			return "", 0, false
		}
		host, s = s[:end+1], s[end+1:]
	} else {
		host = s
		if i := strings.IndexByte(s, ':'); i >= 0 {
			host = s[:i]
		}
		if !fourBytes(host) && !hostname(host) {
			return "", 0, false
		}
		s = s[len(host):]
	}
	if digits := strings.TrimPrefix(s, ":"); digits != "" {
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil || !strings.HasPrefix(s, ":") {
			return "", 0, false
		}
		port = int(n)
	}
	return host, port, true
}

// fourBytes says whether a text is an address of IPv4, which may have zeros in front.
func fourBytes(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 4 && !slices.ContainsFunc(parts, func(p string) bool {
		_, err := strconv.ParseUint(p, 10, 8)
		return err != nil
	})
}

// hostname says whether a name is one of labels with points between them, the last of which begins with a
// letter unless it is the only one.
func hostname(s string) bool {
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for i, l := range labels {
		if l == "" || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") || i > 0 && i == len(labels)-1 && !isLetter(l[0]) {
			return false
		}
		for k := range len(l) {
			if !isAlphanumeric(l[k]) && l[k] != '-' {
				return false
			}
		}
	}
	return true
}

// decoded is a part of a URL without escapes.
func decoded(part string) string {
	s, err := url.PathUnescape(part)
	if err != nil {
		return part
	}
	return javaText(s)
}
