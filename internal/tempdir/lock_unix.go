//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package tempdir

import (
	"io/fs"
	"os"
	"syscall"
)

// tryLock takes the lock on an open folder if nobody has it. It ends with the process.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// isMine reports whether a folder belongs to the user who runs this process.
func isMine(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
