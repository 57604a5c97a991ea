package schema

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"
	"unicode/utf8"
)

// object is a group in canonical form that was read before.
type object struct {
	id      uint64 // unique in the process, never 0
	raw     []byte
	entries []value
	count   int32
	hash    uint64
}

var lastObject atomic.Uint64

// objectCache finds the objects of one column by their bytes. A principal's calls
// repeat its userIdentity verbatim, so that parsing it is needed once. Time and memory
// are bounded: a cache that is full is emptied.
type objectCache struct {
	node *node
	seed maphash.Seed
	// recent finds an object by how it begins, before its end is known: a text that
	// begins with the bytes of a whole object is that object.
	recent [recentSets][recentWays]*object
	table  []*object // by hash of the whole, with linear probing; a power of two
	used   int
	size   int // about, in bytes, of all objects
	parser parser
	check  Record // to rebuild an object
	text   []byte
	bytes  []byte  // what raw is cut from
	values []value // what entries are cut from
}

const (
	recentSets = 512
	recentWays = 4
	// headLength is how much of an object decides which set it is in: up to its first
	// closing brace, but no more than this. An access key lies within it, mostly.
	headLength = 160
	// maxObjects and maxObjectBytes bound a cache. They are guesses: an account has
	// tens of sessions at a time.
	maxObjects     = 4096
	maxObjectBytes = 8 << 20
	// maxObject is the largest object that is kept. A userIdentity has some 700 bytes.
	maxObject = 4 << 10
	minTable  = 64
	valueSize = 48 // bytes
)

func newObjectCache(n *node) *objectCache {
	return &objectCache{node: n, seed: maphash.MakeSeed(), table: make([]*object, minTable)}
}

// find returns the object that b begins with, nil if it is none, not canonical or too
// large.
func (c *objectCache) find(b []byte) *object {
	head := b[:min(len(b), headLength)]
	if i := bytes.IndexByte(head, '}'); i >= 0 {
		head = head[:i]
	}
	set := &c.recent[maphash.Bytes(c.seed, head)%recentSets]
	for i, o := range set {
		if o != nil && len(o.raw) <= len(b) && string(b[:len(o.raw)]) == string(o.raw) {
			copy(set[1:i+1], set[:i])
			set[0] = o
			return o
		}
	}
	o := c.whole(b)
	if o != nil {
		copy(set[1:], set[:])
		set[0] = o
	}
	return o
}

// whole finds an object by all of its bytes, and adds it if need be.
func (c *objectCache) whole(b []byte) *object {
	end, high, ok := blockEnd(b, 0)
	if !ok || end > maxObject {
		return nil
	}
	raw := b[:end]
	hash := maphash.Bytes(c.seed, raw)
	for i := hash; ; i++ {
		o := c.table[i%uint64(len(c.table))]
		if o == nil {
			break
		}
		if o.hash == hash && string(o.raw) == string(raw) {
			return o
		}
	}
	return c.add(raw, hash, high)
}

// add parses raw and puts it into the table. It returns nil if the text is not canonical.
func (c *objectCache) add(raw []byte, hash, high uint64) *object {
	if high&tops != 0 && !utf8.Valid(raw) {
		return nil
	}
	if c.used >= maxObjects || c.size >= maxObjectBytes {
		*c = objectCache{node: c.node, seed: c.seed, table: make([]*object, minTable), text: c.text}
	}
	if cap(c.bytes)-len(c.bytes) < len(raw) {
		c.bytes = make([]byte, 0, 16*maxObject)
	}
	if cap(c.values)-len(c.values) < 4*c.node.slots {
		c.values = make([]value, 0, 256*c.node.slots)
	}

	// The parser reads it from a copy, so that the texts stay.
	at := len(c.bytes)
	raw = append(c.bytes[at:], raw...)
	room := c.values[len(c.values):]
	var v [1]value
	n := *c.node
	n.slot = 0
	c.check = Record{entries: room}
	c.parser = parser{data: raw, maxDepth: minFastDepth, rec: &c.check}
	if err := c.parser.into(&n, v[:]); err != nil || !v[0].set {
		return nil
	}
	if c.text = c.check.appendValue(c.text[:0], &n, v[:]); !bytes.Equal(c.text, raw) {
		return nil
	}
	entries := c.check.entries
	if len(entries) <= cap(room) {
		c.values = c.values[:len(c.values)+len(entries)]
	}
	c.bytes = c.bytes[:at+len(raw)]
	o := &object{id: lastObject.Add(1), raw: raw[:len(raw):len(raw)], entries: entries, count: v[0].count, hash: hash}
	c.size += len(raw) + len(entries)*valueSize
	if c.used++; 2*c.used > len(c.table) {
		old := c.table
		c.table = make([]*object, 2*len(old))
		for _, o := range old {
			if o != nil {
				c.put(o)
			}
		}
	}
	c.put(o)
	return o
}

func (c *objectCache) put(o *object) {
	i := o.hash
	for c.table[i%uint64(len(c.table))] != nil {
		i++
	}
	c.table[i%uint64(len(c.table))] = o
}
