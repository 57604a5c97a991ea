package coverage

import (
	"hash/maphash"
	"path/filepath"

	"traillake/lake/source"
)

// logs are those that were met, each as it was met last: by hashes of 64 bits, since a store
// may have millions. Among ten million one is taken for another once in some 300,000 runs.
type logs struct {
	seed maphash.Seed
	last map[uint64]log
}

// log is a log with so many records at a place.
type log struct {
	at      *Row
	records int64
}

func newLogs() *logs { return &logs{maphash.MakeSeed(), map[uint64]log{}} }

// met notes a log, and returns it as it was met before; ok is false for the first time. A log is known by its name, wherever it lies, as CloudTrail gives no two
// the same; other files by their place.
func (l *logs) met(bucket, key string, now log) (before log, ok bool) {
	var h maphash.Hash
	h.SetSeed(l.seed)
	if name, ok := source.LogName(filepath.ToSlash(key)); ok {
		h.WriteString(name)
	} else {
		h.WriteString(bucket)
		h.WriteByte(0)
		h.WriteString(key)
	}
	sum := h.Sum64()
	before, ok = l.last[sum]
	l.last[sum] = now
	return before, ok
}
