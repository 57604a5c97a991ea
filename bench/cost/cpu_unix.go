//go:build unix

package cost

import (
	"syscall"
	"time"
)

// cpuTime returns the processor time that the process has taken. Unlike time by the
// clock it does not count what other processes take.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
