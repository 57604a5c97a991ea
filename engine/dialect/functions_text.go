package dialect

import (
	"regexp/syntax"
	"strings"
)

var textFunctions = []spec{
	{sig: "chr(bigint) varchar(1)", duck: "chr(CAST($1 AS INTEGER))"},
	{sig: "codepoint(varchar) integer", duck: "ord($1)"},
	{sig: "concat(array(T), array(T)...) array(T)", fn: concatCall},
	{sig: "concat(array(T), T) array(T)", duck: "list_append($1, $2)"},
	{sig: "concat(T, array(T)) array(T)", duck: "list_prepend($1, $2)"},
	{sig: "concat(varchar, varchar...) varchar", fn: concatCall},
	{sig: "concat(varbinary, varbinary...) varbinary", fn: concatCall},
	{sig: "concat_ws(varchar, array(varchar)) varchar", duck: "CASE WHEN $1 IS NOT NULL THEN array_to_string($2, $1) END"},
	{sig: "concat_ws(varchar, varchar...) varchar", duck: "CASE WHEN $1 IS NOT NULL THEN concat_ws($*) END"},
	{sig: "hamming_distance(varchar, varchar) bigint", duck: "CASE WHEN length($1) <> length($2) THEN {!INVALID_FUNCTION_ARGUMENT|The input strings to hamming_distance function must have the same length!} WHEN length($1) = 0 THEN 0 ELSE hamming($1, $2) END"},
	{sig: "length(varchar) bigint", duck: "length($1)"},
	{sig: "levenshtein_distance(varchar, varchar) bigint", duck: "levenshtein($1, $2)"},
	{sig: "lower(varchar(x)) varchar(x)", duck: "lower($1)"},
	{sig: "upper(varchar(x)) varchar(x)", duck: "upper($1)"},
	{sig: "lpad(varchar, bigint, varchar) varchar", duck: "lpad($1, CAST($2 AS INTEGER), $3)"},
	{sig: "rpad(varchar, bigint, varchar) varchar", duck: "rpad($1, CAST($2 AS INTEGER), $3)"},
	{sig: "ltrim(varchar(x)) varchar(x)", duck: `ltrim($1, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`},
	{sig: "rtrim(varchar(x)) varchar(x)", duck: `rtrim($1, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`},
	{sig: "trim(varchar(x)) varchar(x)", duck: `trim($1, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))`},
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
	{sig: "split(varchar, varchar) array(varchar)", duck: "CASE WHEN $2 = '' THEN CAST({!INVALID_FUNCTION_ARGUMENT|The delimiter may not be the empty string!} AS VARCHAR[]) ELSE string_split($1, $2) END"},
	{sig: "split(varchar, varchar, bigint) array(varchar)", duck: "t_split($1, $2, $3)"},
	{sig: "split_part(varchar, varchar, bigint) varchar", duck: "CASE WHEN $3 < 1 THEN {!INVALID_FUNCTION_ARGUMENT|Index must be greater than zero!} ELSE string_split($1, $2)[$3] END"},
	{sig: "split_to_map(varchar, varchar, varchar) map(varchar,varchar)", duck: "map(t_split_keys($1, $2, $3), t_split_values($1, $2, $3))"},
	{sig: "split_to_multimap(varchar, varchar, varchar) map(varchar,array(varchar))", duck: "map(t_split_multi_keys($1, $2, $3), list_transform(t_split_multi_values($1, $2, $3), lambda _x : from_json(_x, '[\"VARCHAR\"]')))"},
	{sig: "starts_with(varchar, varchar) boolean", duck: "starts_with($1, $2)"},
	{sig: "ends_with(varchar, varchar) boolean", duck: "ends_with($1, $2)"},
	{sig: "strpos(varchar, varchar) bigint", duck: "strpos($1, $2)"},
	{sig: "strpos(varchar, varchar, bigint) bigint", duck: "t_strpos($1, $2, $3)"},
	{sig: "substr(varchar, bigint) varchar", duck: "CASE WHEN $2 = 0 OR $2 < 0 AND - $2 > length($1) THEN CASE WHEN $1 IS NOT NULL THEN '' END ELSE substring($1, $2) END"},
	{sig: "substr(varchar, bigint, bigint) varchar", duck: "CASE WHEN $2 = 0 OR $3 <= 0 OR $2 < 0 AND - $2 > length($1) THEN CASE WHEN $1 IS NOT NULL AND $3 IS NOT NULL THEN '' END ELSE substring($1, $2, $3) END"},
	{sig: "substr(varbinary, bigint) varbinary", duck: "t_substr_bytes($1, $2, 2147483647)"},
	{sig: "substr(varbinary, bigint, bigint) varbinary", duck: "t_substr_bytes($1, $2, $3)"},
	{sig: "translate(varchar, varchar, varchar) varchar", duck: "translate($1, $2, $3)"},
	{sig: "to_utf8(varchar) varbinary", duck: "encode($1)"},
	{sig: "from_utf8(varbinary) varchar", duck: "t_from_utf8($1, chr(65533))"},
	{sig: "from_utf8(varbinary, varchar) varchar", duck: "t_from_utf8($1, $2)"},
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

var regexpFunctions = []spec{
	{sig: "regexp_like(varchar, varchar) boolean", fn: regexpLike},
	{sig: "regexp_count(varchar, varchar) bigint", duck: "t_rx_count($1, $2)"},
	{sig: "regexp_extract(varchar, varchar) varchar", duck: "t_rx_extract($1, $2, 0)"},
	{sig: "regexp_extract(varchar, varchar, bigint) varchar", duck: "t_rx_extract($1, $2, $3)"},
	{sig: "regexp_extract_all(varchar, varchar) array(varchar)", duck: "t_rx_extract_all($1, $2, 0)"},
	{sig: "regexp_extract_all(varchar, varchar, bigint) array(varchar)", duck: "t_rx_extract_all($1, $2, $3)"},
	{sig: "regexp_position(varchar, varchar) integer", duck: "CAST(t_rx_position($1, $2, 1, 1) AS INTEGER)"},
	{sig: "regexp_position(varchar, varchar, bigint) integer", duck: "CAST(t_rx_position($1, $2, $3, 1) AS INTEGER)"},
	{sig: "regexp_position(varchar, varchar, bigint, bigint) integer", duck: "CAST(t_rx_position($1, $2, $3, $4) AS INTEGER)"},
	{sig: "regexp_replace(varchar, varchar) varchar", duck: "t_rx_replace($1, $2, '')"},
	{sig: "regexp_replace(varchar, varchar, varchar) varchar", duck: "t_rx_replace($1, $2, $3)"},
	{sig: "regexp_split(varchar, varchar) array(varchar)", duck: "t_rx_split($1, $2)"},
}

// regexpLike leaves constant patterns that mean the same in RE2 to DuckDB.
func regexpLike(p *duckPrinter, c *Call) string {
	if l, ok := c.Args[1].(*Literal); ok && l.Value != nil && plainRegexp(l.Value.(string)) {
		return "regexp_matches(" + p.expr(c.Args[0]) + ", " + p.expr(l) + ")"
	}
	return p.byTemplate(c, "t_rx_like($1, $2)")
}

// plainRegexp says whether a pattern means the same in Java and in RE2. $ also stands
// before a last line feed in Java; && and nested brackets make sets of sets.
func plainRegexp(s string) bool {
	if strings.ContainsAny(s, "$") || strings.Contains(s, "&&") || strings.Contains(s, `\p`) || strings.Contains(s, `\P`) || strings.Contains(s, `\h`) || strings.Contains(s, `\C`) {
		return false
	}
	in := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			if in {
				return false
			}
			in = true
		case ']':
			in = false
		}
	}
	_, err := syntax.Parse(s, syntax.Perl)
	return err == nil
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
	{sig: "to_base64(varbinary) varchar", duck: "to_base64($1)"},
	{sig: "from_base64(varchar) varbinary", duck: "t_decode('base64', $1)"},
	{sig: "to_base64url(varbinary) varchar", duck: "t_encode('base64url', $1)"},
	{sig: "from_base64url(varchar) varbinary", duck: "t_decode('base64url', $1)"},
	{sig: "to_base32(varbinary) varchar", duck: "t_encode('base32', $1)"},
	{sig: "from_base32(varchar) varbinary", duck: "t_decode('base32', $1)"},
	{sig: "to_big_endian_64(bigint) varbinary", duck: "t_to_bytes($1, 'big8')"},
	{sig: "to_big_endian_32(integer) varbinary", duck: "t_to_bytes(CAST($1 AS BIGINT), 'big4')"},
	{sig: "to_ieee754_64(double) varbinary", duck: "t_to_ieee($1)"},
	{sig: "from_big_endian_64(varbinary) bigint", duck: "t_from_bytes($1, 'big8')"},
	{sig: "from_big_endian_32(varbinary) integer", duck: "CAST(t_from_bytes($1, 'big4') AS INTEGER)"},
}
