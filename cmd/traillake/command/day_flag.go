package command

import (
	"fmt"
	"time"
)

// dayFlag is a day as YYYY-MM-DD, or empty.
type dayFlag string

// String implements pflag.Value.
func (d *dayFlag) String() string { return string(*d) }

// Type implements pflag.Value.
func (*dayFlag) Type() string { return "day" }

// Set implements pflag.Value.
func (d *dayFlag) Set(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return fmt.Errorf("%q is no day; give one such as 2026-10-31", text)
	}
	*d = dayFlag(text)
	return nil
}
