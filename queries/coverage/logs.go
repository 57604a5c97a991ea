package coverage

import (
	"hash/maphash"

	"traillake/lake/source"
)

// logs are those that were met, and where last: by hashes of 64 bits, since a store may have
// millions. Among ten million one is taken for another once in some 300,000 runs.
type logs struct {
	seed maphash.Seed
	at   map[uint64]*Row
}

func newLogs() *logs { return &logs{maphash.MakeSeed(), map[uint64]*Row{}} }

// met notes that a log is at a place, and returns the place at which it was met before; nil
// for the first time. A log is known by its name, wherever it lies, as CloudTrail gives no two
// the same; other files by their place.
func (l *logs) met(bucket, key string, at *Row) (before *Row) {
	var h maphash.Hash
	h.SetSeed(l.seed)
	if name, ok := source.LogName(key); ok {
		h.WriteString(name)
	} else {
		h.WriteString(bucket)
		h.WriteByte(0)
		h.WriteString(key)
	}
	sum := h.Sum64()
	before, l.at[sum] = l.at[sum], at
	return before
}
