//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package lake

import "syscall"

// openFiles returns how many files this process may have open at once (ulimit -n).
func openFiles() int {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return manyFiles
	}
	return int(min(uint64(r.Cur), manyFiles))
}
