// Package hostmemory says how much memory this process may take, for defaults that fit a
// small machine and a container, too.
//
// What a container may use is in its control group, of version 1 or 2, and in those around
// it; a service of systemd with MemoryMax= is no different. The machine's own size is what
// is left where there is no control group or where none has a limit.
package hostmemory

import "github.com/KimMachineGun/automemlimit/memlimit"

// Limit returns the bytes that this process may take with all others of its control group:
// the least of the limits around it and the machine's memory. It returns 0 where the system
// tells neither.
func Limit() int64 {
	limit := uint64(0)
	for _, source := range []memlimit.Provider{memlimit.FromSystem, memlimit.FromCgroup} {
		if n, err := source(); err == nil && (limit == 0 || n < limit) {
			limit = n
		}
	}
	return int64(min(limit, 1<<62))
}

// Most returns the bytes that are wanted, or the percentage of Limit if that is less.
func Most(want, percent int64) int64 { return most(want, percent, Limit()) }

func most(want, percent, limit int64) int64 {
	if limit <= 0 {
		return want
	}
	return min(want, limit/100*percent)
}
