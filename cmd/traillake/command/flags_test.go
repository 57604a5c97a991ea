package command

import (
	"testing"
	"time"
)

// What a day is, is RFC 3339's full-date.
func TestDayFlag(t *testing.T) {
	for text, ok := range map[string]bool{"2026-10-31": true, "2028-02-29": true, "2026-02-29": false, "2026-13-01": false, "x": false, "": false, "7d": false} {
		var d dayFlag
		if err := d.Set(text); (err == nil) != ok || ok && d.String() != text {
			t.Errorf("Set(%q) = %q, %v", text, d.String(), err)
		}
	}
}

func TestSpanFlag(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "90m": 90 * time.Minute, "72h": 72 * time.Hour, "7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour,
		"1h30m": 90 * time.Minute, "-1h": -1, "x": -1, "": -1, "7": -1, "999999w": -1,
	} {
		var s spanFlag
		err := s.Set(text)
		if (want < 0) != (err != nil) || want >= 0 && time.Duration(s) != want {
			t.Errorf("Set(%q) = %v, %v, want %v", text, time.Duration(s), err, want)
		}
	}
	if s := spanFlag(72 * time.Hour); s.String() != "72h" {
		t.Errorf("72 hours are printed as %s", s.String())
	}
}
