package command

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// size is a flag that takes a number of bytes, such as 512MB or 2GiB.
type size int64

var (
	sizePattern = regexp.MustCompile(`^(\d+(?:\.\d+)?) ?([a-z]*)$`)
	sizeUnits   = map[string]float64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "kib": 1 << 10, "m": 1e6, "mb": 1e6, "mib": 1 << 20,
		"g": 1e9, "gb": 1e9, "gib": 1 << 30, "t": 1e12, "tb": 1e12, "tib": 1 << 40,
	}
)

// String implements pflag.Value.
func (s *size) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

// Type implements pflag.Value.
func (s *size) Type() string { return "size" }

// Set implements pflag.Value.
func (s *size) Set(text string) error {
	m := sizePattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if m == nil || sizeUnits[m[2]] == 0 {
		return fmt.Errorf("%q is no size; give one such as 512MB or 2GiB", text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return fmt.Errorf("%q is no size: %w", text, err)
	}
	n *= sizeUnits[m[2]]
	if n < 1 || n >= math.MaxInt64 {
		return fmt.Errorf("%q is no size that memory can have", text)
	}
	*s = size(n)
	return nil
}
