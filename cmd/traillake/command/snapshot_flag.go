package command

import (
	"strconv"
	"time"

	"traillake/lake"
)

// pointFlag is a snapshot's id, or a time.
type pointFlag struct {
	text  string
	point lake.Point
}

// String implements pflag.Value.
func (p *pointFlag) String() string { return p.text }

// Type implements pflag.Value.
func (*pointFlag) Type() string { return "snapshot" }

// Set implements pflag.Value.
func (p *pointFlag) Set(text string) error {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
		*p = pointFlag{text, lake.Point{ID: id}}
		return nil
	}
	at, err := parseWhen(text, time.Now())
	if err != nil {
		return err
	}
	*p = pointFlag{text, lake.Point{Time: at}}
	return nil
}
