package engine

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"syscall"

	"traillake/lake"
)

var (
	// damagedFile is what the database says of a page that does not decompress or decode.
	damagedFile = regexp.MustCompile(`(?s)^Failed to read file "(.*?)": (.*)$`)
	// damagedPage is what its Parquet reader says of page headers and encodings that make
	// no sense. It names no file. The list is what flipped bits brought forth; a text that
	// is missing here is an error all the same.
	damagedPage = regexp.MustCompile(`^(?:TProtocolException: .*|don't know what type: .*|Out of buffer|Decode bit width too large|value out of range)$`)
)

// damaged returns an error that wraps lake.ErrCorrupt where the database's message means
// that a data file is damaged, otherwise nil.
func damaged(message string) error {
	if m := damagedFile.FindStringSubmatch(message); m != nil {
		return fmt.Errorf("%w: %s: the file is damaged: %s", lake.ErrCorrupt, m[1], firstLine(m[2]))
	}
	if damagedPage.MatchString(message) {
		return fmt.Errorf("%w: a page of a data file is damaged: %s", lake.ErrCorrupt, firstLine(message))
	}
	return nil
}

// damagedPath returns the path of the file that the message says is damaged, "" where it
// names none.
func damagedPath(message string) string {
	if m := damagedFile.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// noSpace is what the database says of a disk that is full, or a quota that is used up.
var noSpace = regexp.MustCompile(`(?s)^Could not write file "(.*?)": (No space left on device|Disk quota exceeded)`)

// fullDisk returns a *fs.PathError where the database's message means that a temporary
// file found no room, otherwise nil.
func fullDisk(message string) error {
	m := noSpace.FindStringSubmatch(message)
	if m == nil {
		return nil
	}
	cause := syscall.ENOSPC
	if strings.HasPrefix(m[2], "Disk") {
		cause = syscall.EDQUOT
	}
	return &fs.PathError{Op: "write temporary file", Path: m[1], Err: cause}
}
