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
	path, key := c.At.Key, c.File.At.Key
	n, ok := sameTail(path, key)
	below := func(s string) int { // how long it is from AWSLogs on
		if i := lastFolder(s); i >= 0 {
			return len(s) - i
		}
		return 0
	}
	return ok && (n >= below(path) || n >= below(key) && below(key) > 0)
}

// sameTail returns how long the last parts are that are the same, which may be one part
// without a name. ok is false if there are none.
func sameTail(a, b string) (n int, ok bool) {
	for i := 0; ; i++ {
		endA, endB := i == len(a), i == len(b)
		if (endA || a[len(a)-1-i] == '/') && (endB || b[len(b)-1-i] == '/') {
			n, ok = i, true
		}
		if endA || endB || a[len(a)-1-i] != b[len(b)-1-i] {
			return n, ok
		}
	}
}

// lastFolder returns where the last folder AWSLogs begins; -1 without one.
func lastFolder(path string) int {
	return strings.LastIndex("/"+path+"/", "/"+logsFolder+"/")
}

// Beside returns where an object lies that the digest names. ok is false for a copy on a
// disk that does not tell.
func (c *Checked) Beside(r Ref) (at Ref, ok bool) {
	if c.At.Bucket != "" {
		return r, true
	}
	path, key, want := c.At.Key, c.File.At.Key, r.Key
	if strings.HasPrefix(want, ".") || strings.Contains(want, "/.") {
		if parts := strings.Split(want, "/"); slices.Contains(parts, "..") || slices.Contains(parts, ".") {
			return Ref{}, false // it might lead anywhere
		}
	}
	if n, ok := sameTail(path, key); ok {
		if rest, ok := strings.CutPrefix(want, key[:len(key)-n]); ok { // which the copy lacks
			return Ref{Key: path[:len(path)-n] + rest}, true
		}
	} else if rest, ok := strings.CutPrefix(want, key+"/"); ok {
		return Ref{Key: path + "/" + rest}, true
	}
	// Another prefix of the bucket: what comes before AWSLogs is left aside.
	i, j := lastFolder(path), lastFolder(want)
	if i < 0 || j < 0 {
		return Ref{}, false
	}
	return Ref{Key: path[:i] + want[j:]}, true
}

// Ref returns the name that CloudTrail gave to the digest, or the place where it was found
// if that is not where it says.
func (c *Checked) Ref() Ref {
	if c.File == nil || c.Invalid != nil && c.Invalid.Reason == Moved {
		return c.At
	}
	return c.File.At
}
