package dialect

import (
	"fmt"
	"strings"

	"traillake/engine/dialect/scalar"
)

var textFunctions = []spec{
	{sig: "chr(bigint) varchar(1)", duck: "t_chr($1)"},
	{sig: "codepoint(varchar) integer", duck: "CAST(t_codepoint($1) AS INTEGER)"},
	{sig: "concat(varchar, varchar...) varchar", fn: concatCall},
	{sig: "concat(varbinary, varbinary...) varbinary", fn: concatCall},
	{sig: "concat(array(T), array(T)...) array(T)", fn: concatCall},
	{sig: "concat(array(T), T) array(T)", duck: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_append($1, $2) END"},
	{sig: "concat(T, array(T)) array(T)", duck: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_prepend($1, $2) END"},
	{sig: "concat_ws(varchar, array(varchar)) varchar", fn: concatArray},
	{sig: "concat_ws(varchar, varchar...) varchar", duck: "CASE WHEN $1 IS NOT NULL THEN concat_ws($1, $2*) END"},
	{sig: "hamming_distance(varchar, varchar) bigint", duck: "t_hamming($1, $2)"},
	{sig: "length(varchar) bigint", duck: "length($1)"},
	{sig: "levenshtein_distance(varchar, varchar) bigint", duck: "t_levenshtein($1, $2)"},
	{sig: "lower(varchar(x)) varchar(x)", duck: "lower($1)"},
	{sig: "upper(varchar(x)) varchar(x)", duck: "upper($1)"},
	{sig: "lpad(varchar, bigint, varchar) varchar", duck: padded("lpad")},
	{sig: "rpad(varchar, bigint, varchar) varchar", duck: padded("rpad")},
	{sig: "lpad(varbinary, bigint, varbinary) varbinary", duck: "t_pad_bytes($1, $2, $3, 'left')"},
	{sig: "rpad(varbinary, bigint, varbinary) varbinary", duck: "t_pad_bytes($1, $2, $3, 'right')"},
	{sig: "ltrim(varchar(x)) varchar(x)", duck: "t_trim($1, 'left')"},
	{sig: "rtrim(varchar(x)) varchar(x)", duck: "t_trim($1, 'right')"},
	{sig: "trim(varchar(x)) varchar(x)", duck: "t_trim($1, 'both')"},
	{sig: "ltrim(varchar(x), varchar) varchar(x)", duck: "ltrim($1, $2)"},
	{sig: "rtrim(varchar(x), varchar) varchar(x)", duck: "rtrim($1, $2)"},
	{sig: "trim(varchar(x), varchar) varchar(x)", duck: "trim($1, $2)"},
	{sig: "normalize(varchar) varchar", duck: "t_normalize($1, 'NFC')"},
	{sig: "normalize(varchar, varchar) varchar", duck: "t_normalize($1, $2)"},
	{sig: "replace(varchar, varchar) varchar", duck: "replace($1, $2, '')"},
	{sig: "replace(varchar, varchar, varchar) varchar", duck: "CASE WHEN $2 = '' THEN t_replace_empty($1, $3) ELSE replace($1, $2, $3) END"},
	{sig: "reverse(array(T)) array(T)", duck: "list_reverse($1)"},
	{sig: "reverse(varchar) varchar", duck: "t_reverse($1)"},
	{sig: "reverse(varbinary) varbinary", duck: "t_reverse_bytes($1)"},
	{sig: "soundex(varchar) varchar(4)", duck: "t_soundex($1)"},
	{sig: "split(varchar, varchar) array(varchar)", duck: "CASE WHEN $2 = '' AND $1 IS NOT NULL THEN CAST({!INVALID_FUNCTION_ARGUMENT|The delimiter may not be the empty string!} AS VARCHAR[]) WHEN $2 IS NOT NULL THEN string_split($1, $2) END"},
	{sig: "split(varchar, varchar, bigint) array(varchar)", duck: "t_split($1, $2, $3)"},
	{sig: "split_part(varchar, varchar, bigint) varchar", duck: "CASE WHEN $3 < 1 AND $1 IS NOT NULL AND $2 IS NOT NULL THEN {!INVALID_FUNCTION_ARGUMENT|Index must be greater than zero!} WHEN $2 <> '' OR $1 <> '' AND $2 = '' THEN string_split($1, $2)[$3] END"},
	{sig: "split_to_map(varchar, varchar, varchar) map(varchar,varchar)", duck: "map(t_split_keys($1, $2, $3), t_split_values($1, $2, $3))"},
	{sig: "split_to_multimap(varchar, varchar, varchar) map(varchar,array(varchar))", duck: "map(t_split_multi_keys($1, $2, $3), list_transform(t_split_multi_values($1, $2, $3), lambda _x : from_json(_x, '[\"VARCHAR\"]')))"},
	{sig: "starts_with(varchar, varchar) boolean", duck: "starts_with($1, $2)"},
	{sig: "ends_with(varchar, varchar) boolean", duck: "ends_with($1, $2)"},
	{sig: "strpos(varchar, varchar) bigint", duck: "strpos($1, $2)"},
	{sig: "strpos(varchar, varchar, bigint) bigint", duck: "t_strpos($1, $2, $3)"},
	{sig: "substr(varchar, bigint) varchar", duck: "CASE WHEN " + outside + " THEN CASE WHEN $1 IS NOT NULL THEN '' END ELSE substring($1, $2) END"},
	{sig: "substr(varchar, bigint, bigint) varchar", duck: "CASE WHEN $3 <= 0 OR " + outside + " THEN CASE WHEN $1 IS NOT NULL AND $3 IS NOT NULL THEN '' END WHEN $3 > " + maxChars + " THEN substring($1, $2) ELSE substring($1, $2, $3) END"},
	{sig: "substr(varbinary, bigint) varbinary", duck: "t_substr_bytes($1, $2, 2147483647)"},
	{sig: "substr(varbinary, bigint, bigint) varbinary", duck: "t_substr_bytes($1, $2, $3)"},
	{sig: "translate(varchar, varchar, varchar) varchar", duck: "translate($1, $2, $3)"},
	{sig: "to_utf8(varchar) varbinary", duck: "encode($1)"},
	{sig: "from_utf8(varbinary) varchar", duck: "t_from_utf8($1, chr(65533))"},
	{sig: "from_utf8(varbinary, varchar) varchar", duck: "t_from_utf8($1, $2)"},
	{sig: "from_utf8(varbinary, bigint) varchar", duck: "t_from_utf8($1, t_chr($2))"},
	{sig: "word_stem(varchar(x)) varchar(x)", duck: "t_word_stem($1, 'en')"},
	{sig: "word_stem(varchar(x), varchar) varchar(x)", duck: "t_word_stem($1, $2)"},
}

// outside says that a text has no character at a place, which DuckDB takes up to maxChars.
const (
	outside  = "$2 = 0 OR $2 > " + maxChars + " OR $2 < 0 AND $2 < - length($1)"
	maxChars = "4294967295"
)

// padded guards lpad and rpad.
func padded(f string) string {
	return "CASE WHEN $1 IS NULL OR $3 IS NULL THEN NULL" +
		" WHEN $2 NOT BETWEEN 0 AND 2147483647 THEN {!INVALID_FUNCTION_ARGUMENT|Target length must be in the range [0..2147483647]!}" +
		" WHEN $3 = '' AND $2 IS NOT NULL THEN {!INVALID_FUNCTION_ARGUMENT|Padding string must not be empty!}" +
		fmt.Sprintf(" WHEN $2 > %[1]d THEN {!NOT_SUPPORTED|lpad and rpad make at most %[1]d characters!} ELSE ", scalar.MaxPadded) + f + "($1, CAST($2 AS INTEGER), $3) END"
}

// concatCall joins with ||, which is NULL where an operand is.
func concatCall(p *duckPrinter, c *Call) string {
	parts := make([]string, len(c.Args))
	for i, a := range c.Args {
		parts[i] = p.expr(a)
	}
	if c.Typ.Kind == KindArray {
		// list_concat passes over NULL.
		return p.bound(parts, func(x []string) string {
			return "(CASE WHEN " + strings.Join(x, " IS NOT NULL AND ") + " IS NOT NULL THEN list_concat(" + strings.Join(x, ", ") + ") END)"
		})
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// concatArray is concat_ws of an array.
func concatArray(p *duckPrinter, c *Call) string {
	return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
		return "(CASE WHEN " + x[0] + " IS NOT NULL AND " + x[1] + " IS NOT NULL THEN " + joined(x[1], x[0], c.Args[0]) + " END)"
	})
}

// joined joins the texts of a list that are not NULL, as the list is not either. DuckDB does it with a
// constant between them alone. Its array_to_string mentions the list twice, so that lists inside of one
// another would double with each.
func joined(list, separator string, e Expr) string {
	if _, ok := textOf(uncast(e)); ok {
		return "coalesce(list_aggregate(" + list + ", 'string_agg', " + separator + "), '')"
	}
	return "t_join(" + separator + ", " + list + ")"
}

var regexpFunctions = []spec{
	{sig: "regexp_like(varchar, varchar) boolean", fn: regexpLike},
	{sig: "regexp_count(varchar, varchar) bigint", duck: "t_rx_count($1, $2)"},
	{sig: "regexp_extract(varchar, varchar) varchar", fn: regexpExtract},
	{sig: "regexp_extract(varchar, varchar, bigint) varchar", fn: regexpExtract},
	{sig: "regexp_extract_all(varchar, varchar) array(varchar)", fn: regexpExtractAll},
	{sig: "regexp_extract_all(varchar, varchar, bigint) array(varchar)", fn: regexpExtractAll},
	{sig: "regexp_position(varchar, varchar) integer", duck: "CAST(t_rx_position($1, $2, 1, 1) AS INTEGER)"},
	{sig: "regexp_position(varchar, varchar, bigint) integer", duck: "CAST(t_rx_position($1, $2, $3, 1) AS INTEGER)"},
	{sig: "regexp_position(varchar, varchar, bigint, bigint) integer", duck: "CAST(t_rx_position($1, $2, $3, $4) AS INTEGER)"},
	{sig: "regexp_replace(varchar, varchar) varchar", duck: "t_rx_replace($1, $2, '')"},
	{sig: "regexp_replace(varchar, varchar, varchar) varchar", duck: "t_rx_replace($1, $2, $3)"},
	{sig: "regexp_replace(varchar, varchar, function(array(varchar),varchar)) varchar", fn: regexpReplaceBy},
	{sig: "regexp_split(varchar, varchar) array(varchar)", duck: "t_rx_split($1, $2)"},
}

// regexpLike leaves constant patterns that mean the same in RE2 to DuckDB, which takes a partial match
// for one that may fail, and so computes it for each row, but not a full one (version 1.5.5): where
// values repeat, that is many times faster, and elsewhere up to four times slower.
func regexpLike(p *duckPrinter, c *Call) string {
	n, ok := constantRegexp(c.Args[1])
	switch {
	case ok && (p.repeats(c.Args[0]) || !anchoredOutside(n.tree)):
		return "regexp_full_match(" + p.expr(c.Args[0]) + ", " + quoteString("(?s:.*)(?:"+n.text+")(?s:.*)") + ")"
	case ok:
		return "regexp_matches(" + p.expr(c.Args[0]) + ", " + quoteString(n.text) + ")"
	}
	return p.byTemplate(c, "t_rx_like($1, $2)")
}

// repeats says whether a text is that of a stored column whose values repeat, in other letters at
// most.
func (p *duckPrinter) repeats(e Expr) bool {
	switch e := e.(type) {
	case *Call:
		return (e.Fn.Name == "lower" || e.Fn.Name == "upper") && p.repeats(e.Args[0])
	case *ColRef:
		rel := p.rels[e.Rel]
		if rel == nil || rel.scan == nil || rel.store == nil {
			return false
		}
		st := rel.store.Column(rel.scan.Columns[e.Index].Name)
		return st != nil && st.Repeats
	}
	return false
}

// regexpExtract does so where an empty text says that there is no match, for which DuckDB has no
// NULL.
func regexpExtract(p *duckPrinter, c *Call) string {
	group, ok := constantGroup(c)
	if !ok {
		return p.byTemplate(c, "t_rx_extract($1, $2, $3)")
	}
	if n, ok := constantRegexp(c.Args[1]); ok && n.extracts(int(group)) {
		return p.twice([]string{p.expr(c.Args[0])}, func(x []string) string {
			return fmt.Sprintf("nullif(regexp_extract(%s, %s, %d), '')", x[0], quoteString(n.text), group)
		})
	}
	return p.byTemplate(c, fmt.Sprintf("t_rx_extract($1, $2, %d)", group))
}

// regexpExtractAll does so where what lies between matches, and a group without a match,
// cannot make a difference.
func regexpExtractAll(p *duckPrinter, c *Call) string {
	group, ok := constantGroup(c)
	if !ok {
		return p.byTemplate(c, "t_rx_extract_all($1, $2, $3)")
	}
	if n, ok := constantRegexp(c.Args[1]); ok && !n.ends && 0 <= group && group <= 9 && neverEmpty(n.tree) && alwaysCaptures(n.tree, int(group)) {
		return fmt.Sprintf("regexp_extract_all(%s, %s, %d)", p.expr(c.Args[0]), quoteString(n.text), group)
	}
	return p.byTemplate(c, fmt.Sprintf("t_rx_extract_all($1, $2, %d)", group))
}

// constantGroup returns the number of the group that a call names, 0 where it names none.
func constantGroup(c *Call) (int64, bool) {
	if len(c.Args) < 3 {
		return 0, true
	}
	l, ok := c.Args[2].(*Literal)
	if !ok || l.Value == nil {
		return 0, false
	}
	return l.Value.(int64), true
}

func constantRegexp(e Expr) (native, bool) {
	if l, ok := e.(*Literal); ok && l.Value != nil {
		return nativeRegexp(l.Value.(string))
	}
	return native{}, false
}

// regexpReplaceBy puts what a lambda makes of the groups in the place of each match. The
// pieces are, for each match, the text before it and its groups, and the text behind the
// last one.
func regexpReplaceBy(p *duckPrinter, c *Call) string {
	l := c.Args[2].(*Lambda)
	args := []string{p.expr(c.Args[0]), p.expr(c.Args[1])}
	pieces := "t_rx_pieces(" + args[0] + ", " + args[1] + ")"
	return p.bound([]string{pieces, "t_rx_stride(" + args[1] + ")"}, func(x []string) string {
		i, k := p.name(), p.name()
		groups := fmt.Sprintf("list_slice(%s, %s * %s + 2, %s * %s + %s)", x[0], i, x[1], i, x[1], x[1])
		made := fmt.Sprintf("list_transform(range(0, (len(%s) - 1) // %s), lambda %s : %s)", x[0], x[1], i, p.inline(l, groups))
		return p.bound([]string{made}, func(y []string) string {
			joined := fmt.Sprintf("coalesce(list_aggregate(list_transform(%s, lambda %s, %si : %s[(%si - 1) * %s + 1] || %s), 'string_agg', ''), '')", y[0], k, k, x[0], k, x[1], k)
			return fmt.Sprintf("(CASE WHEN list_count(%s) = len(%s) THEN %s || %s[-1] END)", y[0], y[0], joined, x[0])
		})
	})
}

var urlFunctions = []spec{
	{sig: "url_decode(varchar) varchar", duck: "t_url_decode($1)"},
	{sig: "url_encode(varchar) varchar", duck: "t_url_encode($1)"},
	{sig: "url_extract_fragment(varchar) varchar", duck: "t_url_fragment($1)"},
	{sig: "url_extract_host(varchar) varchar", duck: "t_url_host($1)"},
	{sig: "url_extract_parameter(varchar, varchar) varchar", duck: "t_url_parameter($1, $2)"},
	{sig: "url_extract_path(varchar) varchar", duck: "t_url_path($1)"},
	{sig: "url_extract_port(varchar) bigint", duck: "t_url_port($1)"},
	{sig: "url_extract_protocol(varchar) varchar", duck: "t_url_protocol($1)"},
	{sig: "url_extract_query(varchar) varchar", duck: "t_url_query($1)"},
}

var binaryFunctions = []spec{
	{sig: "length(varbinary) bigint", duck: "octet_length($1)"},
	{sig: "crc32(varbinary) bigint", duck: "t_crc32($1)"},
	{sig: "md5(varbinary) varbinary", duck: "unhex(md5($1))"},
	{sig: "sha1(varbinary) varbinary", duck: "unhex(sha1($1))"},
	{sig: "sha256(varbinary) varbinary", duck: "unhex(sha256($1))"},
	{sig: "sha512(varbinary) varbinary", duck: "t_hash('sha512', $1)"},
	{sig: "xxhash64(varbinary) varbinary", duck: "t_hash('xxhash64', $1)"},
	{sig: "murmur3(varbinary) varbinary", duck: "t_hash('murmur3', $1)"},
	{sig: "hmac_md5(varbinary, varbinary) varbinary", duck: "t_hmac('md5', $1, $2)"},
	{sig: "hmac_sha1(varbinary, varbinary) varbinary", duck: "t_hmac('sha1', $1, $2)"},
	{sig: "hmac_sha256(varbinary, varbinary) varbinary", duck: "t_hmac('sha256', $1, $2)"},
	{sig: "hmac_sha512(varbinary, varbinary) varbinary", duck: "t_hmac('sha512', $1, $2)"},
	{sig: "to_hex(varbinary) varchar", duck: "hex($1)"},
	{sig: "from_hex(varchar) varbinary", duck: "t_decode('hex', $1)"},
	{sig: "from_hex(varbinary) varbinary", duck: "t_decode('hex', t_from_utf8($1, '?'))"},
	{sig: "to_base64(varbinary) varchar", duck: "to_base64($1)"},
	{sig: "from_base64(varchar) varbinary", duck: "t_decode('base64', $1)"},
	{sig: "from_base64(varbinary) varbinary", duck: "t_decode('base64', t_from_utf8($1, '?'))"},
	{sig: "to_base64url(varbinary) varchar", duck: "t_encode('base64url', $1)"},
	{sig: "from_base64url(varchar) varbinary", duck: "t_decode('base64url', $1)"},
	{sig: "from_base64url(varbinary) varbinary", duck: "t_decode('base64url', t_from_utf8($1, '?'))"},
	{sig: "to_base32(varbinary) varchar", duck: "t_encode('base32', $1)"},
	{sig: "from_base32(varchar) varbinary", duck: "t_decode('base32', $1)"},
	{sig: "from_base32(varbinary) varbinary", duck: "t_decode('base32', t_from_utf8($1, '?'))"},
	{sig: "to_big_endian_64(bigint) varbinary", duck: "t_to_bytes($1, 'big8')"},
	{sig: "to_big_endian_32(integer) varbinary", duck: "t_to_bytes(CAST($1 AS BIGINT), 'big4')"},
	{sig: "to_ieee754_64(double) varbinary", duck: "t_to_ieee($1)"},
	{sig: "from_ieee754_64(varbinary) double", duck: "t_from_ieee($1)"},
	{sig: "to_ieee754_32(real) varbinary", duck: "t_to_ieee32(CAST($1 AS DOUBLE))"},
	{sig: "from_ieee754_32(varbinary) real", duck: "CAST(t_from_ieee32($1) AS FLOAT)"},
	{sig: "from_big_endian_64(varbinary) bigint", duck: "t_from_bytes($1, 'big8')"},
	{sig: "from_big_endian_32(varbinary) integer", duck: "CAST(t_from_bytes($1, 'big4') AS INTEGER)"},
}
