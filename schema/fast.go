package schema

import "unicode/utf8"

// fastReader reads records in canonical form, which nearly all are, several times
// faster than the parser. It says no to anything else, right or wrong: the parser then
// reads the record from its start. What it says yes to, the parser reads the same way.
type fastReader struct {
	keys    []fastKey
	objects []*objectCache // by slot of the record; nil where there is none
}

// fastKey is a key of the record, in the order of delivery.
type fastKey struct {
	word uint64 // how text begins
	last uint64 // how text ends
	text string // "eventVersion":
	node *node
}

// minFastDepth is the least Limits.MaxDepth that allows whatever the fast reader takes:
// the record, and in it what blockEnd sees.
const minFastDepth = maxScanDepth + 1

func newFastReader() *fastReader {
	f := &fastReader{objects: make([]*objectCache, plan.slots)}
	for _, n := range plan.delivery {
		text := `"` + n.col.Key + `":`
		f.keys = append(f.keys, fastKey{word: word([]byte(text), 0), last: word([]byte(text), len(text)-wordSize), text: text, node: n})
		if n.group() {
			f.objects[n.slot] = newObjectCache(n)
		}
	}
	return f
}

// record reads the record at the start of b into r and returns its length. The text
// ends at limit; what follows it in b is anything at all. Where ok is false, r is to
// be reset.
func (f *fastReader) record(b []byte, limit int, r *Record) (n int, ok bool) {
	r.reset()
	var high uint64
	keys := f.keys
	i := 0
	for c := byte('{'); ; c = ',' {
		if i+wordSize >= len(b) || b[i] != c {
			return 0, false
		}
		i++
		w := word(b, i)
		for len(keys) > 0 && (keys[0].word != w || !keys[0].begins(b[i:])) {
			keys = keys[1:]
		}
		if len(keys) == 0 {
			return 0, false
		}
		m := keys[0].node
		i += len(keys[0].text)
		keys = keys[1:]
		if i+2*wordSize+8 > len(b) {
			return 0, false
		}
		v := &r.vals[m.slot]
		switch m.col.Kind {
		case KindString:
			if b[i] != '"' {
				return 0, false
			}
			end, h := textEnd(b, i+1)
			high |= h
			if end >= len(b)-wordSize {
				return 0, false
			}
			if b[end] == '"' {
				v.text = b[i+1 : end : end]
				i = end + 1
				break
			}
			if i, h, ok = r.escapedText(b, i+1, end, v); !ok {
				return 0, false
			}
			high |= h
		case KindJSON:
			end, h, ok := blockEnd(b, i)
			if !ok {
				return 0, false
			}
			high |= h
			v.text = b[i:end:end]
			i = end
		case KindBool:
			if v.n = 1; b[i] == 'f' {
				v.n = 0
			}
			if c := b[i]; c != 't' && c != 'f' {
				return 0, false
			}
			if i = plainEnd(b, i); i == 0 {
				return 0, false
			}
		case KindTimestamp:
			if b[i] != '"' || b[i+21] != '"' {
				return 0, false
			}
			if v.n, ok = parseCanonicalTime(b[i+1 : i+21]); !ok {
				return 0, false
			}
			i += 22
		default:
			o := f.objects[m.slot].find(b[i:])
			if o == nil {
				return 0, false
			}
			v.object, v.count = o, o.count
			i += len(o.raw)
		}
		v.set = true
		if i >= limit {
			return 0, false
		}
		if b[i] == '}' {
			break
		}
	}
	n = i + 1
	if !r.vals[eventTimeNode.slot].set || high&tops != 0 && !utf8.Valid(b[:n]) {
		return 0, false
	}
	r.raw, r.canonical = b[:n:n], true
	return n, true
}

// begins reports whether b, which begins with the key's first word, begins with all of it.
// Two words are most keys; comparing them costs less than a call that compares texts.
func (k *fastKey) begins(b []byte) bool {
	n := len(k.text)
	if len(b) < n || word(b, n-wordSize) != k.last {
		return false
	}
	return n <= 2*wordSize || string(b[wordSize:n-wordSize]) == k.text[wordSize:n-wordSize]
}

// escapedText gives v the text of the string that starts at i and has something unusual
// at bad, and returns the index behind the string. Escapes are those of the canonical
// form only.
func (r *Record) escapedText(b []byte, i, bad int, v *value) (end int, high uint64, ok bool) {
	for end = bad; b[end] != '"'; {
		if c := b[end+1]; b[end] != '\\' || c == '/' || c >= 128 || unescapes[c] == 0 {
			return 0, 0, false
		}
		var h uint64
		if end, h = textEnd(b, end+2); end >= len(b)-wordSize {
			return 0, 0, false
		}
		high |= h
	}
	from := len(r.arena)
	r.arena = appendUnescaped(r.arena, b[i:end])
	v.text = r.arena[from:len(r.arena):len(r.arena)]
	return end + 1, high, true
}
