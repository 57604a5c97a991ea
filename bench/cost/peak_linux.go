package cost

import (
	"os"
	"syscall"
)

// peak returns the largest resident set of a process, in bytes. A process begins with
// the peak of the one that started it, so that the latter must stay small.
func peak(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10 // Linux counts in KiB
	}
	return 0
}
