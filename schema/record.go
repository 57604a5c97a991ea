package schema

import (
	"bytes"
	"strconv"
	"time"
)

// Record is one decoded CloudTrail event. The zero value is ready for
// Decoder.Next, which overwrites it and reuses its memory: nothing that a method
// returns is valid after the next call.
type Record struct {
	raw       []byte
	offset    int64
	vals      []value
	entries   []value // of groups, a run of node.slots values per entry
	arena     []byte  // unescaped strings and compacted blocks
	rebuilt   []byte
	canonical bool
}

// value is what a record says of one slot. An explicit null of a column that is
// not JSON text is not set: columns cannot tell it from an absent key.
type value struct {
	text []byte // KindString, KindJSON
	n    int64  // KindBool (0, 1), KindTimestamp; group: index of the first entry in Record.entries
	// object holds the entries of a group in place of the record, if it is not nil.
	object *object
	count  int32 // group: number of entries
	set    bool
}

// entriesOf returns the entries of the group n, one after the other.
func (r *Record) entriesOf(n *node, v *value) []value {
	if v.object != nil {
		return v.object.entries
	}
	return r.entries[v.n:][:int(v.count)*n.slots]
}

// Raw returns the delivered bytes of the record, from the opening to the closing
// brace.
func (r *Record) Raw() []byte { return r.raw }

// Offset returns where the record starts in the decompressed file, in bytes.
func (r *Record) Offset() int64 { return r.offset }

// Canonical reports whether the columns give the record back byte for byte, so
// that its text need not be kept.
func (r *Record) Canonical() bool { return r.canonical }

// EventTime returns eventTime in microseconds since 1970-01-01 UTC. A decoded
// record always has one.
func (r *Record) EventTime() int64 { return r.vals[eventTimeNode.slot].n }

// Day returns the UTC day of eventTime in days since 1970-01-01, which is the
// partition that the record belongs to.
func (r *Record) Day() int32 {
	const perDay = 24 * 60 * 60 * 1e6
	t := r.EventTime()
	d := t / perDay
	if t%perDay < 0 {
		d--
	}
	return int32(d)
}

// EventID returns eventID, or nil.
func (r *Record) EventID() []byte { return r.vals[eventIDNode.slot].text }

// RecipientAccount returns recipientAccountId, or nil.
func (r *Record) RecipientAccount() []byte { return r.vals[recipientNode.slot].text }

// Category returns eventCategory as delivered, or nil; records older than
// eventVersion 1.07 have none.
func (r *Record) Category() []byte { return r.vals[categoryNode.slot].text }

// Rebuild appends the record's text in AWS's canonical form, made from the decoded
// values alone: keys in the order of delivery, no white space, escapes for the
// quotation mark, the backslash and the five control characters that have a short
// one. It equals Raw if and only if Canonical is true.
func (r *Record) Rebuild(dst []byte) []byte { return r.appendObject(dst, plan.delivery, r.vals) }

func (r *Record) appendObject(dst []byte, members []*node, vals []value) []byte {
	dst = append(dst, '{')
	for _, m := range members {
		v := &vals[m.slot]
		if !v.set {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), m.col.Key...), '"', ':')
		dst = r.appendValue(dst, m, vals)
	}
	return append(dst, '}')
}

// appendValue appends the value of m, which is set.
func (r *Record) appendValue(dst []byte, m *node, vals []value) []byte {
	v := &vals[m.slot]
	switch m.col.Kind {
	case KindString:
		dst = appendString(dst, v.text)
	case KindJSON:
		dst = append(dst, v.text...)
	case KindBool:
		dst = strconv.AppendBool(dst, v.n != 0)
	case KindTimestamp:
		dst = appendTime(dst, v.n)
	case KindStruct:
		if m.group() {
			dst = r.appendObject(dst, m.delivery, r.entriesOf(m, v))
		} else {
			dst = r.appendObject(dst, m.delivery, vals)
		}
	case KindList:
		dst = append(dst, '[')
		entries := r.entriesOf(m, v)
		for i := range v.count {
			if i > 0 {
				dst = append(dst, ',')
			}
			entry := entries[int(i)*m.slots:][:m.slots]
			order := m.delivery
			if entry[arnFirstSlot].set {
				order = arnFirst
			}
			dst = r.appendObject(dst, order, entry)
		}
		dst = append(dst, ']')
	}
	return dst
}

// arnFirst is the second key order in which entries of resources are delivered.
var arnFirst = []*node{
	resourcesNode.member("arn"), resourcesNode.member("arnprefix"),
	resourcesNode.member("accountid"), resourcesNode.member("type"),
}

// settle decides whether the record is canonical.
func (r *Record) settle() {
	r.rebuilt = r.Rebuild(r.rebuilt[:0])
	r.canonical = bytes.Equal(r.rebuilt, r.raw)
}

func (r *Record) reset() {
	if r.vals == nil {
		r.vals = make([]value, plan.slots)
	}
	clear(r.vals)
	r.entries = r.entries[:0]
	r.arena = r.arena[:0]
	r.canonical = false
}

// appendString appends s as a JSON string in canonical form. A control character
// without a short escape is left as it is, which makes the text differ from any
// valid delivery: such a record keeps its own text.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if plain[c] || shortEscapes[c] == 0 {
			continue
		}
		dst = append(append(dst, s[from:i]...), '\\', shortEscapes[c])
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

var shortEscapes = [256]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

func appendTime(dst []byte, us int64) []byte {
	return time.UnixMicro(us).UTC().AppendFormat(dst, `"2006-01-02T15:04:05Z"`)
}
