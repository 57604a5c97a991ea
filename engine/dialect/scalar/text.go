package scalar

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"traillake/engine/dialect/jsonpath"
)

var textFuncs = []Func{
	{"t_normalize", "ss", Text, func(r *Row) error {
		form, ok := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}[r.S[1]]
		if !ok {
			return badArgument("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
		}
		return r.setText(form.String(r.S[0]), true)
	}},
	{"t_replace_empty", "ss", Text, func(r *Row) error {
		var b strings.Builder
		b.WriteString(r.S[1])
		for _, c := range r.S[0] {
			b.WriteRune(c)
			b.WriteString(r.S[1])
		}
		return r.setText(b.String(), true)
	}},
	{"t_reverse", "s", Text, func(r *Row) error {
		b := make([]byte, 0, len(r.S[0]))
		for s := r.S[0]; s != ""; {
			_, n := utf8.DecodeLastRuneInString(s)
			b = append(b, s[len(s)-n:]...)
			s = s[:len(s)-n]
		}
		return r.setText(string(b), true)
	}},
	{"t_soundex", "s", Text, soundex},
	{"t_levenshtein", "ss", Int, levenshtein},
	{"t_hamming", "ss", Int, func(r *Row) error {
		a, b := []rune(r.S[0]), []rune(r.S[1])
		if len(a) != len(b) {
			return badArgument("The input strings to hamming_distance function must have the same length")
		}
		r.Num = 0
		for i := range a {
			if a[i] != b[i] {
				r.Num++
			}
		}
		return nil
	}},
	{"t_trim", "ss", Text, func(r *Row) error {
		s := r.S[0]
		if r.S[1] != "right" {
			s = strings.TrimLeftFunc(s, javaSpace)
		}
		if r.S[1] != "left" {
			s = strings.TrimRightFunc(s, javaSpace)
		}
		return r.setText(s, true)
	}},
	{"t_chr", "i", Text, func(r *Row) error {
		n := r.I[0]
		if n < 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return badArgument("Not a valid Unicode code point: %d", n)
		}
		return r.setText(string(rune(n)), true)
	}},
	{"t_codepoint", "s", Int, func(r *Row) error {
		c, n := utf8.DecodeRuneInString(r.S[0])
		if n == 0 || n != len(r.S[0]) {
			return badArgument("Input string must be a single character string")
		}
		r.Num = int64(c)
		return nil
	}},
	{"t_combinations", "ii", Texts, combinations},
	{"t_word_stem", "ss", Text, wordStem},
	{"t_split", "ssi", Texts, func(r *Row) error {
		if r.S[1] == "" {
			return badArgument("The delimiter may not be the empty string")
		}
		if r.I[2] <= 0 {
			return badArgument("Limit must be positive")
		}
		r.List = List{V: strings.SplitN(r.S[0], r.S[1], int(min(r.I[2], 1<<31-1)))}
		return nil
	}},
	{"t_split_keys", "sss", Texts, func(r *Row) error { return splitMap(r, true) }},
	{"t_split_values", "sss", Texts, func(r *Row) error { return splitMap(r, false) }},
	{"t_split_multi_keys", "sss", Texts, func(r *Row) error { return splitMulti(r, true) }},
	{"t_split_multi_values", "sss", Texts, func(r *Row) error { return splitMulti(r, false) }},
	{"t_strpos", "ssi", Int, strpos},
	{"t_luhn_check", "s", Bool, func(r *Row) error {
		sum, double := 0, false
		for i := len(r.S[0]) - 1; i >= 0; i-- {
			d := int(r.S[0][i]) - '0'
			if d < 0 || d > 9 {
				return badArgument("Input contains non-digit characters")
			}
			if double {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
			double = !double
		}
		r.Bool = r.S[0] != "" && sum%10 == 0
		return nil
	}},
	{"t_join", "sL", Text, func(r *Row) error {
		var b strings.Builder
		more := false
		for i, s := range r.L[1].V {
			if r.L[1].Null != nil && r.L[1].Null[i] {
				continue
			}
			if more {
				b.WriteString(r.S[0])
			}
			b.WriteString(s)
			more = true
		}
		return r.setText(b.String(), true)
	}},
	{"t_format", "ssL", Text, func(r *Row) error {
		s, err := Format(r.S[0], r.S[1], r.L[2])
		r.Str = s
		return err
	}},
}

// javaSpace says what Java takes for white space: no space that holds words together.
func javaSpace(c rune) bool {
	switch {
	case c <= ' ':
		return c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f
	case c < 0x1680 || c == 0x2007 || c == 0x202f:
		return false
	}
	return unicode.Is(unicode.Z, c)
}

// soundex codes a word of ASCII letters, and fails at other letters that it comes to. What is no letter is
// passed over.
func soundex(r *Row) error {
	const codes = "01230120022455012623010202"
	out := []byte{}
	last := byte(0)
	for _, c := range strings.ToUpper(strings.ReplaceAll(r.S[0], "ß", "ss")) {
		if !unicode.IsLetter(c) || c > 0xffff {
			continue // in UTF-16, Java's, what is beyond is two halves, and neither a letter
		}
		if c >= 0x80 {
			return badArgument("The character is not mapped: %c", c)
		}
		code := codes[c-'A']
		switch {
		case len(out) == 0:
			out = append(out, byte(c))
		case code != '0' && code != last:
			out = append(out, code)
		}
		if c != 'H' && c != 'W' {
			last = code
		}
		if len(out) == 4 {
			break
		}
	}
	if len(out) > 0 {
		for len(out) < 4 {
			out = append(out, '0')
		}
	}
	return r.setText(string(out), true)
}

// pairs splits entries of keys and values.
func pairs(r *Row) ([]entry, error) {
	switch {
	case r.S[1] == "" || r.S[2] == "":
		return nil, badArgument("entryDelimiter and keyValueDelimiter must not be empty")
	case r.S[1] == r.S[2]:
		return nil, badArgument("entryDelimiter and keyValueDelimiter must not be the same")
	}
	var all []entry
	for rest := r.S[0]; rest != ""; { // nothing stands behind a last delimiter
		var part string
		part, rest, _ = strings.Cut(rest, r.S[1])
		k, v, ok := strings.Cut(part, r.S[2])
		if !ok || strings.Contains(v, r.S[2]) {
			return nil, badArgument("Key-value delimiter must appear exactly once in each entry. Bad input: '%s'", part)
		}
		all = append(all, entry{k, v})
	}
	return all, nil
}

func splitMap(r *Row, keys bool) error {
	all, err := pairs(r)
	if err != nil {
		return err
	}
	e := sortEntries(all)
	r.List = List{V: make([]string, len(e))}
	for i := range e {
		if i > 0 && e[i].key == e[i-1].key {
			return badArgument("Duplicate keys (%s) are not allowed", e[i].key)
		}
		r.List.V[i] = e[i].value
		if keys {
			r.List.V[i] = e[i].key
		}
	}
	return nil
}

// splitMulti gives each key with the JSON array of its values.
func splitMulti(r *Row, keys bool) error {
	all, err := pairs(r)
	if err != nil {
		return err
	}
	e := sortEntries(all)
	r.List = List{}
	for i := 0; i < len(e); {
		b := []byte{'['}
		k := i
		for ; k < len(e) && e[k].key == e[i].key; k++ {
			if k > i {
				b = append(b, ',')
			}
			b = jsonpath.AppendString(b, e[k].value)
		}
		v := string(append(b, ']'))
		if keys {
			v = e[i].key
		}
		r.List.V = append(r.List.V, v)
		i = k
	}
	return nil
}

// strpos finds the n-th place of a text, from the end for a negative n, in code points.
func strpos(r *Row) error {
	s, sub, n := r.S[0], r.S[1], r.I[2]
	if n == 0 {
		return badArgument("'instance' must be a positive or negative number.")
	}
	if sub == "" {
		r.Num = 1 // from the end, too
		return nil
	}
	at := -1
	if n > 0 {
		for from := 0; n > 0; n-- {
			k := strings.Index(s[from:], sub)
			if k < 0 {
				at = -1
				break
			}
			at = from + k
			_, w := utf8.DecodeRuneInString(s[at:])
			from = at + w
		}
	} else {
		for end := len(s); n < 0; n++ {
			if at = strings.LastIndex(s[:end], sub); at < 0 {
				break
			}
			end = at + len(sub) - 1
		}
	}
	r.Num = 0
	if at >= 0 {
		r.Num = int64(utf8.RuneCountInString(s[:at])) + 1
	}
	return nil
}
