//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package filecache

import (
	"errors"
	"os"
	"syscall"
)

// lock waits for the lock on an open file. It ends with the process.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// tryLock takes the lock on an open file if nobody has it.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// allocated returns how many bytes of the disk a file takes, about: its holes take none.
func allocated(fi os.FileInfo) int64 {
	// The unit of st_blocks is 512, whatever the blocks of the file system are. Some say 0
	// of what was just written.
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Blocks > 0 {
		return min(fi.Size(), int64(st.Blocks)*512)
	}
	return fi.Size()
}
