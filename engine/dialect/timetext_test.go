package dialect

import (
	"testing"
	"time"

	"traillake/engine/dialect/syntax"
)

func TestParseTimestamp(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got := "none"
		if l, ok := parseTimestamp(in); ok {
			got = time.UnixMicro(l.Value.(int64)).UTC().Format("2006-01-02 15:04:05.000000") + " " + l.Typ.String() + zoneText(l.Typ)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	f("2024-01-02", "2024-01-02 00:00:00.000000 timestamp(0)")
	f("2024-1-2 3:4", "2024-01-02 03:04:00.000000 timestamp(0)")
	f("2024-01-02 03:04:05", "2024-01-02 03:04:05.000000 timestamp(0)")
	f("2024-01-02 03:04:05.123", "2024-01-02 03:04:05.123000 timestamp(3)")
	f("2024-01-02 03:04:05.1234567", "2024-01-02 03:04:05.123457 timestamp(7)")
	f("2024-01-02T03:04:05Z", "2024-01-02 03:04:05.000000 timestamp(0) with time zone")
	f("2024-11-05T10:45:24.00Z", "2024-11-05 10:45:24.000000 timestamp(2) with time zone")
	f("2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05.000000 timestamp(0) with time zone")
	f("2024-01-02 03:04:05 +02:30", "2024-01-02 00:34:05.000000 timestamp(0) with time zone in +02:30")
	f("2024-01-02 03:04:05-05", "2024-01-02 08:04:05.000000 timestamp(0) with time zone in -05:00")
	f("2024-07-02 03:04:05 Europe/Berlin", "2024-07-02 01:04:05.000000 timestamp(0) with time zone in Europe/Berlin")
	f(" 2024-01-02 ", "2024-01-02 00:00:00.000000 timestamp(0)")
	for _, bad := range []string{
		"", "2024", "2024-01", "2024-13-01", "2024-02-30", "2024-01-02T", "2024-01-02 25:00", "2024-01-02 10:60",
		"2024-01-02 10", "2024-01-02 10:00:00.", "2024-01-02 10:00 Nowhere/X", "2024-01-02T10:00:00%", "24-01-02",
		"2024-01-02 10:00 ../etc", "2024-01-02 10:00 local", "2024-01-02 10:00:00.1234567890123", "2023-11-01T%",
		"2024-01-02 10:00 +15:00", "2024-001-02",
	} {
		f(bad, "none")
	}
}

func TestParseInterval(t *testing.T) {
	f := func(in string, from, to syntax.IntervalField, want int64) {
		t.Helper()
		l := parseInterval(in, from, to)
		if l == nil {
			t.Fatalf("%q %s %s: none", in, from, to)
		}
		if l.Value != want {
			t.Errorf("%q %s %s: got %d, want %d", in, from, to, l.Value, want)
		}
	}
	f("1", "DAY", "", 86_400_000)
	f("-1", "DAY", "", -86_400_000)
	f("+90", "MINUTE", "", 5_400_000)
	f("1.5", "SECOND", "", 1500)
	f("2 03", "DAY", "HOUR", 183_600_000)
	f("2 03:04:05.678", "DAY", "SECOND", 183_845_678)
	f("01:02", "HOUR", "MINUTE", 3_720_000)
	f("3", "YEAR", "", 36)
	f("3", "MONTH", "", 3)
	f("1-6", "YEAR", "MONTH", 18)
	f("-1-6", "YEAR", "MONTH", -18)
	none := func(in string, from, to syntax.IntervalField) {
		t.Helper()
		if l := parseInterval(in, from, to); l != nil {
			t.Errorf("%q %s %s: got %v", in, from, to, l.Value)
		}
	}
	none("", "DAY", "")
	none("1 day", "DAY", "")
	none("1.5", "DAY", "")
	none("1:2", "DAY", "HOUR")
	none("1", "HOUR", "DAY")
	none("1", "DAY", "MONTH")
	none("99999999999999999999", "DAY", "")
	none("9999999999999999", "DAY", "")
	none("1-2-3", "YEAR", "MONTH")
	none("1.0x", "SECOND", "")
}

func TestShift(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	f := func(from, unit string, n int64, want string) {
		t.Helper()
		got, ok := shift(at(from), unit, n)
		if !ok || !got.Equal(at(want)) {
			t.Errorf("%s %+d %s: got %v %v, want %s", from, n, unit, got, ok, want)
		}
	}
	f("2024-01-31 10:00", "month", 1, "2024-02-29 10:00")
	f("2024-03-31 10:00", "month", -1, "2024-02-29 10:00")
	f("2024-02-29 00:00", "year", 1, "2025-02-28 00:00")
	f("2024-12-31 00:00", "quarter", -1, "2024-09-30 00:00")
	f("2024-01-01 00:00", "week", -1, "2023-12-25 00:00")
	f("2024-01-01 00:00", "minute", 90, "2024-01-01 01:30")
	if _, ok := shift(at("2024-01-01 00:00"), "century", 1); ok {
		t.Error("a century is no unit")
	}
	if _, ok := shift(at("2024-01-01 00:00"), "day", 1<<40); ok {
		t.Error("days beyond all time are no time")
	}
	g := func(unit, want string) {
		t.Helper()
		if got, ok := truncate(at("2024-05-15 12:34"), unit); !ok || !got.Equal(at(want)) {
			t.Errorf("%s: got %v", unit, got)
		}
	}
	g("hour", "2024-05-15 12:00")
	g("week", "2024-05-13 00:00")
	g("quarter", "2024-04-01 00:00")
	g("year", "2024-01-01 00:00")
}

func TestDecimalLiteral(t *testing.T) {
	f := func(in, typ, value string) {
		t.Helper()
		l, ok := decimalLiteral(in)
		if !ok {
			t.Fatalf("%q is no decimal", in)
		}
		got := show(l)
		if want := `"` + value + `" ` + typ + "\n"; got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	f("1.5", "decimal(2,1)", "1.5")
	f("0.5", "decimal(1,1)", "0.5")
	f(".50", "decimal(2,2)", "0.50")
	f("1.", "decimal(1,0)", "1")
	f("-007.10", "decimal(3,2)", "-7.10")
	f("0.0", "decimal(1,1)", "0.0")
}
