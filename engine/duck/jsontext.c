// The functions of JSON text that queries call most. A call from a thread of DuckDB into
// Go costs little by itself, but Go's scheduler then wakes every 20 µs for a while, so
// that queries over maps spent a tenth of their time on it. Here is what needs
// no Go: values that stand in the text as they are. Whatever is not so simple (an escape, an
// object as the value of a map) is left to the functions of the same names in Go, which decide what
// is right; TestJSONText compares both.

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Of DuckDB's C API, by its duckdb.h.
uint64_t duckdb_data_chunk_get_size(void *chunk);
void *duckdb_data_chunk_get_vector(void *chunk, uint64_t column);
void *duckdb_vector_get_data(void *vector);
uint64_t *duckdb_vector_get_validity(void *vector);
void duckdb_vector_ensure_validity_writable(void *vector);
void duckdb_unsafe_vector_assign_string_element_len(void *vector, uint64_t row, const char *text, uint64_t len);

// In Go: computes the function for all rows, and for some.
void traillake_scalar(void *info, void *chunk, void *out);
void traillake_scalar_rows(void *info, void *chunk, void *out, uint16_t *rows, int n);

enum { vector_size = 2048, inline_len = 12 };

// A text in a vector, duckdb_string_t: twelve bytes of text from start on, or four and where
// the text is.
typedef struct {
	uint32_t len;
	char start[4];
	const char *text;
} string_t;

typedef struct {
	const char *p, *end;
} span;

static span span_of(const string_t *s) {
	const char *p = s->len <= inline_len ? (const char *)s + offsetof(string_t, start) : s->text;
	return (span){p, p + s->len};
}

typedef enum { none, found, hard } answer;

static const char *blanks(const char *p, const char *end) {
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) p++;
	return p;
}

// skip_string returns what is behind the string that begins at p, or NULL.
static const char *skip_string(const char *p, const char *end) {
	p++;
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	while (end - p >= 16) {
		__m128i w = _mm_loadu_si128((const __m128i *)p);
		int at = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(w, quote), _mm_cmpeq_epi8(w, backslash)));
		if (at == 0) {
			p += 16;
			continue;
		}
		p += __builtin_ctz(at);
		if (*p == '"') return p + 1;
		if (end - p < 2) return NULL;
		p += 2;
	}
#endif
	for (; p < end; p++) {
		if (*p == '"') return p + 1;
		if (*p == '\\' && ++p == end) return NULL;
	}
	return NULL;
}

static const char *word(const char *p, const char *end, const char *w, size_t n) {
	return (size_t)(end - p) >= n && memcmp(p, w, n) == 0 ? p + n : NULL;
}

// skip returns what is behind the value that begins at p, or NULL.
static const char *skip(const char *p, const char *end) {
	if (p >= end) return NULL;
	switch (*p) {
	case '"':
		return skip_string(p, end);
	case '{':
	case '[':
		for (int64_t depth = 0; p < end;) {
			switch (*p) {
			case '"':
				if ((p = skip_string(p, end)) == NULL) return NULL;
				continue;
			case '{':
			case '[':
				depth++;
				break;
			case '}':
			case ']':
				if (--depth == 0) return p + 1;
			}
			p++;
		}
		return NULL;
	case 't':
		return word(p, end, "true", 4);
	case 'f':
		return word(p, end, "false", 5);
	case 'n':
		return word(p, end, "null", 4);
	}
	if (*p != '-' && (*p < '0' || *p > '9')) return NULL;
	for (p++; p < end && ((*p >= '0' && *p <= '9') || *p == '.' || *p == 'e' || *p == 'E' || *p == '+' || *p == '-');) p++;
	return p;
}

// same_key compares a raw key with one that has no backslash.
static answer same_key(span raw, span key) {
	size_t n = raw.end - raw.p, m = key.end - key.p;
	if (n < m || (n > 0 && m > 0 && *raw.p != *key.p && *raw.p != '\\')) return none;
	if (n == m) return memcmp(raw.p, key.p, m) == 0 ? found : none;
	return memchr(raw.p, '\\', n) ? hard : none;
}

// find moves s, which is an object, to the value of a key: of the first that has it, or of
// the last.
static answer find(span *s, span key, int last) {
	answer a = none;
	span value = *s;
	const char *p = blanks(s->p + 1, s->end);
	while (p < s->end && *p == '"') {
		const char *end = skip_string(p, s->end);
		if (end == NULL) break;
		span raw = {p + 1, end - 1};
		p = blanks(end, s->end);
		if (p >= s->end || *p != ':') break;
		p = blanks(p + 1, s->end);
		switch (same_key(raw, key)) {
		case hard:
			return hard;
		case found:
			value.p = p;
			if (!last) {
				*s = value;
				return found;
			}
			// What is cut off is Go's to judge.
			if ((p = skip(p, s->end)) == NULL) return hard;
			a = found;
			break;
		case none:
			p = skip(p, s->end);
		}
		if (p == NULL) break;
		p = blanks(p, s->end);
		if (p >= s->end || *p != ',') break;
		p = blanks(p + 1, s->end);
	}
	*s = value;
	return a;
}

// nth moves s, which is an array, to an element.
static answer nth(span *s, span step) {
	if (step.p == step.end || step.end - step.p > 9) return hard;
	int n = 0;
	for (const char *d = step.p; d < step.end; d++) {
		if (*d < '0' || *d > '9') return hard;
		n = 10 * n + (*d - '0');
	}
	const char *p = blanks(s->p + 1, s->end);
	if (p < s->end && *p == ']') return none;
	for (; n > 0; n--) {
		if ((p = skip(p, s->end)) == NULL) return none;
		p = blanks(p, s->end);
		if (p >= s->end || *p != ',') return none;
		p = blanks(p + 1, s->end);
	}
	s->p = p;
	return found;
}

// value cuts s, which begins with a value, to its text. Objects and arrays are their text without
// blanks.
static answer value(span *s) {
	const char *end = skip(s->p, s->end);
	if (end == NULL) return hard;
	if (*s->p == '{' || *s->p == '[') {
		for (const char *p = s->p; p < end;) {
			if (blanks(p, end) != p) return hard;
			p = *p == '"' ? skip_string(p, end) : p + 1;
		}
	}
	if (*s->p == '"') {
		s->p++;
		end--;
		if (memchr(s->p, '\\', end - s->p)) return hard;
	}
	s->end = end;
	return found;
}

// may_have_key says whether a plain key can be in the text: in quotes, or written with \u. No
// other escape stands for a character that such a key can have.
static int may_have_key(span s, span key) {
	ptrdiff_t n = key.end - key.p;
	const char *p = s.p;
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	for (const char *last = s.end - (n + 1) - 16; p <= last; p = p < last && p + 16 > last ? last : p + 16) {
		__m128i open = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), quote);
		__m128i close = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + n + 1)), quote);
		for (int at = _mm_movemask_epi8(_mm_and_si128(open, close)); at != 0; at &= at - 1) {
			if (memcmp(p + __builtin_ctz(at) + 1, key.p, n) == 0) return 1;
		}
	}
#endif
	for (; s.end - p >= n + 2; p++) {
		if (*p == '"' && p[n + 1] == '"' && memcmp(p + 1, key.p, n) == 0) return 1;
	}
	for (p = s.p; (p = memchr(p, '\\', s.end - p)) != NULL && s.end - p >= 2; p += 2) {
		if (p[1] == 'u') return 1;
	}
	return 0;
}

// plain says that a key stands in JSON as it is.
static int plain(span key) {
	for (const char *p = key.p; p < key.end; p++) {
		if (*p == '\\' || *p == '"' || *p == '/' || (unsigned char)*p < ' ') return 0;
	}
	return key.p < key.end;
}

// map_get is t_map_get.
static answer map_get(span *s, span key) {
	if (!plain(key)) return hard;
	if (!may_have_key(*s, key)) return none;
	s->p = blanks(s->p, s->end);
	if (s->p >= s->end || *s->p != '{') return none;
	answer a = find(s, key, 1);
	if (a != found) return a;
	if (*s->p == 'n') return none;
	return value(s);
}

// json_scalar is t_json_scalar, for a pointer that has steps and no escapes.
static answer json_scalar(span *s, span pointer) {
	if (pointer.p == pointer.end || memchr(pointer.p, '~', pointer.end - pointer.p) || memchr(pointer.p, '\\', pointer.end - pointer.p)) {
		return hard;
	}
	s->p = blanks(s->p, s->end);
	while (pointer.p < pointer.end) {
		span step = {pointer.p + 1, memchr(pointer.p + 1, '/', pointer.end - pointer.p - 1)};
		if (step.end == NULL) step.end = pointer.end;
		pointer.p = step.end;
		if (s->p >= s->end) return none;
		answer a = *s->p == '{' ? find(s, step, 0) : *s->p == '[' ? nth(s, step) : none;
		if (a != found) return a;
	}
	if (s->p >= s->end) return none;
	switch (*s->p) {
	case 'n':
	case '{':
	case '[':
		return none;
	}
	return value(s);
}

typedef answer get_t(span *s, span arg);

// each computes a function for the rows of a chunk, whose vectors are flat.
static inline void each(void *info, void *chunk, void *out, get_t get) {
	uint64_t n = duckdb_data_chunk_get_size(chunk);
	if (n > vector_size) {
		traillake_scalar(info, chunk, out);
		return;
	}
	void *texts = duckdb_data_chunk_get_vector(chunk, 0), *args = duckdb_data_chunk_get_vector(chunk, 1);
	const string_t *text = duckdb_vector_get_data(texts), *arg = duckdb_vector_get_data(args);
	const uint64_t *valid_text = duckdb_vector_get_validity(texts), *valid_arg = duckdb_vector_get_validity(args);
	string_t *result = duckdb_vector_get_data(out);
	uint64_t *valid = NULL;
	uint16_t rows[vector_size];
	int left = 0;
	for (uint64_t i = 0; i < n; i++) {
		answer a = none;
		span s;
		if ((valid_text == NULL || valid_text[i / 64] >> (i % 64) & 1) && (valid_arg == NULL || valid_arg[i / 64] >> (i % 64) & 1)) {
			s = span_of(&text[i]);
			a = get(&s, span_of(&arg[i]));
		}
		if (a == hard) {
			rows[left++] = i;
		} else if (a == found) {
			size_t len = s.end - s.p;
			if (len > inline_len) {
				duckdb_unsafe_vector_assign_string_element_len(out, i, s.p, len);
				continue;
			}
			memset(&result[i], 0, sizeof result[i]);
			result[i].len = len;
			memcpy((char *)&result[i] + offsetof(string_t, start), s.p, len);
		} else {
			if (valid == NULL) {
				duckdb_vector_ensure_validity_writable(out);
				valid = duckdb_vector_get_validity(out);
			}
			valid[i / 64] &= ~((uint64_t)1 << (i % 64));
		}
	}
	if (left > 0) traillake_scalar_rows(info, chunk, out, rows, left);
}

void traillake_map_get(void *info, void *chunk, void *out) { each(info, chunk, out, map_get); }
void traillake_json_scalar(void *info, void *chunk, void *out) { each(info, chunk, out, json_scalar); }
