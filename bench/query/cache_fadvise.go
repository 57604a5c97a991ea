//go:build linux && (amd64 || arm64)

package query

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// fadviseDontNeed is POSIX_FADV_DONTNEED.
const fadviseDontNeed = 4

// coldMethod is how dropFile empties the page cache.
const coldMethod = "posix_fadvise(DONTNEED) on every file before each run"

// dropFile has the kernel forget what it holds of a file in memory. What is not written to
// the disk yet is written before.
func dropFile(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Sync(); err != nil {
		return err
	}
	if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, fadviseDontNeed, 0, 0); errno != 0 {
		return fmt.Errorf("drop %s from the page cache: %w", path, errno)
	}
	return nil
}

// resident returns how many bytes of a file are in memory.
func resident(path string) (_ int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, syscall.Munmap(m)) }()
	page := os.Getpagesize()
	pages := make([]byte, (len(m)+page-1)/page)
	if _, _, errno := syscall.Syscall(syscall.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), uintptr(unsafe.Pointer(&pages[0]))); errno != 0 {
		return 0, fmt.Errorf("ask what is in memory of %s: %w", path, errno)
	}
	n := int64(0)
	for _, p := range pages {
		n += int64(p & 1)
	}
	return n * int64(page), nil
}

// bytesRead returns how many bytes this process has read, from the page cache or not;
// negative where that is not known.
func bytesRead() float64 {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return -1
	}
	_, rest, ok := bytes.Cut(text, []byte("rchar: "))
	if !ok {
		return -1
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, err := strconv.ParseFloat(string(line), 64)
	if err != nil {
		return -1
	}
	return n
}
