package digest

import (
	"slices"
	"strings"
)

const logsFolder = "AWSLogs"

// inPlace reports whether the digest lies where it says. A copy on a disk may be below any
// folder, and may lack the beginning of the key, but from AWSLogs on its path must be
// that of the key.
func (c *Checked) inPlace() bool {
	if c.At.Bucket != "" {
		return c.At == c.File.At
	}
	path, key := strings.Split(c.At.Key, "/"), strings.Split(c.File.At.Key, "/")
	n := sameTail(path, key)
	if n == 0 {
		return false
	}
	below := func(parts []string) int { // parts from AWSLogs on
		for i := len(parts) - 1; i >= 0; i-- {
			if parts[i] == logsFolder {
				return len(parts) - i
			}
		}
		return 0
	}
	return n >= below(path) || n >= below(key) && below(key) > 0
}

// sameTail returns how many of the last parts are the same.
func sameTail(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// Beside returns where an object lies that the digest names. ok is false for a copy on a
// disk that does not tell.
func (c *Checked) Beside(r Ref) (at Ref, ok bool) {
	if c.At.Bucket != "" {
		return r, true
	}
	path, key, want := strings.Split(c.At.Key, "/"), strings.Split(c.File.At.Key, "/"), strings.Split(r.Key, "/")
	if slices.Contains(want, "..") || slices.Contains(want, ".") {
		return Ref{}, false // it might lead anywhere
	}
	n := sameTail(path, key)
	head := key[:len(key)-n] // of the key, which the copy lacks
	if len(want) > len(head) && slices.Equal(want[:len(head)], head) {
		return Ref{Key: strings.Join(append(slices.Clone(path[:len(path)-n]), want[len(head):]...), "/")}, true
	}
	// Another prefix of the bucket: what comes before AWSLogs is left aside.
	i, j := lastIndex(path, logsFolder), lastIndex(want, logsFolder)
	if i < 0 || j < 0 {
		return Ref{}, false
	}
	return Ref{Key: strings.Join(append(slices.Clone(path[:i]), want[j:]...), "/")}, true
}

func lastIndex(parts []string, part string) int {
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] == part {
			return i
		}
	}
	return -1
}

// Ref returns the name that CloudTrail gave to the digest, or the place where it was found
// if that is not where it says.
func (c *Checked) Ref() Ref {
	if c.File == nil || c.Invalid != nil && c.Invalid.Reason == Moved {
		return c.At
	}
	return c.File.At
}
