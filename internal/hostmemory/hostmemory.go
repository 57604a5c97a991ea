// Package hostmemory says how much memory this process may take, for defaults that fit a
// small machine and a container, too.
//
// What a container may use is in its control group, of version 1 or 2, and in those around
// it; a service of systemd with MemoryMax= is no different. The machine's own size is what
// is left where there is no control group or where none has a limit.
package hostmemory

import (
	"sync"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Limit returns the bytes that this process may take with all others of its control group:
// the least of the limits around it and the machine's memory, as they were when it was first
// asked. It returns 0 where the system tells neither.
func Limit() int64 { return limit() }

var limit = sync.OnceValue(func() int64 {
	least := uint64(0)
	for _, source := range []memlimit.Provider{memlimit.FromSystem, memlimit.FromCgroup} {
		if n, err := source(); err == nil && (least == 0 || n < least) {
			least = n
		}
	}
	return int64(min(least, 1<<62))
})

// Most returns the bytes that are wanted, or the percentage of Limit if that is less.
func Most(want, percent int64) int64 { return most(want, percent, Limit()) }

const (
	// besides is what DuckDB takes that its limit does not count, and the program itself:
	// with a limit of 128 MB, reading all columns of events took 250 to 300 MB.
	besides = 64 << 20
	// leastForDatabase is what a scan of a few columns needs.
	leastForDatabase = 32 << 20
)

// ForDatabase returns the bytes that a database in this process may take: those that are
// wanted, or half of Limit and 64 MiB less if that is less, but at least 32 MiB.
func ForDatabase(want int64) int64 { return forDatabase(want, Limit()) }

func forDatabase(want, limit int64) int64 {
	if limit <= 0 {
		return want
	}
	return min(want, max(limit/2-besides, leastForDatabase))
}

func most(want, percent, limit int64) int64 {
	if limit <= 0 {
		return want
	}
	return min(want, limit/100*percent)
}
