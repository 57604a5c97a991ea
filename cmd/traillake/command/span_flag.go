package command

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

var daysOrWeeks = regexp.MustCompile(`^\d{1,6}[dw]$`)

// spanFlag is a length of time: what Go's durations are, and days and weeks as 7d and 2w.
type spanFlag time.Duration

// String implements pflag.Value.
func (s *spanFlag) String() string {
	d := time.Duration(*s)
	if d != 0 && d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}

// Type implements pflag.Value.
func (*spanFlag) Type() string { return "duration" }

// Set implements pflag.Value.
func (s *spanFlag) Set(text string) error {
	if strings.HasPrefix(text, "-") {
		return fmt.Errorf("%q: a length of time is not negative", text)
	}
	if daysOrWeeks.MatchString(text) {
		now := time.Now()
		at, err := parseWhen(text, now)
		if err != nil {
			return err
		}
		span := now.Sub(at)
		if span == math.MaxInt64 { // what a Duration holds
			return fmt.Errorf("%q is longer than 292 years", text)
		}
		*s = spanFlag(span.Round(time.Minute))
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no length of time; give one such as 72h or 7d", text)
	}
	*s = spanFlag(d)
	return nil
}
