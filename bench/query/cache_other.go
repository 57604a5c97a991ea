//go:build !linux || !(amd64 || arm64)

package query

import "errors"

const coldMethod = ""

var errNoDrop = errors.New("this system has no way to empty the page cache that a benchmark may use")

func dropFile(string) error { return errNoDrop }

func resident(string) (int64, error) { return 0, errNoDrop }

// bytesRead is not known here.
func bytesRead() float64 { return -1 }
