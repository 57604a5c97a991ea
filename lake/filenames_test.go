package lake

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestNamesRoundTrip(t *testing.T) {
	id := uuid.MustParse("0192f0c1-2345-7abc-8def-0123456789ab")
	for _, version := range []int{1, 9, 10, 123456} {
		if got, ok := parseMetadataName(metadataName(version)); !ok || got != version {
			t.Errorf("metadata name of %d reads %d, %v", version, got, ok)
		}
		if got, ok := parseHint(formatHint(version)); !ok || got != version {
			t.Errorf("hint of %d reads %d, %v", version, got, ok)
		}
	}
	for _, seq := range []int64{0, 1, 999999999999} {
		if got, gid, ok := parseLedgerName(ledgerName(seq, id)); !ok || got != seq || gid != id {
			t.Errorf("ledger name of %d reads %d, %s, %v", seq, got, gid, ok)
		}
		if got, gid, ok := parseAuditName(auditName(seq, id)); !ok || got != seq || gid != id {
			t.Errorf("audit name of %d reads %d, %s, %v", seq, got, gid, ok)
		}
	}
	for _, micros := range []int64{0, -1, 1, microsPerDay, -microsPerDay, 1700000000e6, -62135596800e6, 253402300799999999} {
		day := DayOf(micros)
		if start := day.Time().UnixMicro(); micros < start || micros-start >= microsPerDay {
			t.Errorf("%d µs is not within %s", micros, day)
		}
		if got, gid, ok := parseDataName(dataName(day, id)); !ok || got != day || gid != id {
			t.Errorf("data name of %s reads %s, %s, %v", day, got, gid, ok)
		}
	}
	if got, ok := parseQuarantineName(quarantineName(id)); !ok || got != id {
		t.Errorf("quarantine name reads %s, %v", got, ok)
	}
	if got, ok := parseClaimName(claimName("My.Store")); !ok || got != "my.store" {
		t.Errorf("claim name reads %s, %v", got, ok)
	}
	for _, h := range []head{{}, {"audit/a#b", strings.Repeat("0f", 32)}} {
		if got, err := parseHead(h.String()); err != nil || got != h {
			t.Errorf("head %v reads %v, %v", h, got, err)
		}
	}
}

func TestNamesRefuse(t *testing.T) {
	for _, name := range []string{
		"", "metadata/v0.metadata.json", "metadata/v01.metadata.json", "metadata/v-1.metadata.json", "metadata/v1.metadata.json.tmp",
		"metadata/v+1.metadata.json", "metadata/v99999999999999999999.metadata.json", "v1.metadata.json", "metadata/v1.gz.metadata.json",
	} {
		if n, ok := parseMetadataName(name); ok {
			t.Errorf("%q is read as version %d", name, n)
		}
	}
	for _, name := range []string{
		"data/eventtime_day=2024-10-04/x.parquet", "data/eventtime_day=2024-13-04/0192f0c1-2345-7abc-8def-0123456789ab.parquet",
		"data/eventtime_day=2024-10-04/../../0192f0c1-2345-7abc-8def-0123456789ab.parquet",
		"data/eventtime_day=2024-10-04/0192F0C1-2345-7abc-8def-0123456789ab.parquet", "data/0192f0c1-2345-7abc-8def-0123456789ab.parquet",
	} {
		if _, _, ok := parseDataName(name); ok {
			t.Errorf("%q is read as a data file", name)
		}
	}
	for _, h := range []string{"x", "#" + strings.Repeat("0", 64), "a#" + strings.Repeat("g", 64), "a#12"} {
		if _, err := parseHead(h); err == nil {
			t.Errorf("%q is read as a head", h)
		}
	}
	for _, uri := range []string{
		"file:///lake/../etc/passwd", "file:///lakes/a", "file:///lake", "s3://lake/a", "/lake/a", "file://host/lake/a", "file:///lake/a/../../b",
		"file:///lake/%2e%2e/b", "file:///lake//a", "file:///lake/a?x=1", "::",
	} {
		if name, err := nameOf("file:///lake", uri); err == nil {
			t.Errorf("%q is read as %q", uri, name)
		}
	}
}

func FuzzNames(f *testing.F) {
	id := uuid.MustParse("0192f0c1-2345-7abc-8def-0123456789ab")
	for _, s := range []string{metadataName(3), dataName(5, id), ledgerName(7, id), auditName(7, id), quarantineName(id), "12\n", "a#" + strings.Repeat("0", 64), claimName("events")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parseMetadataName(s); ok && metadataName(n) != s {
			t.Errorf("metadata name %q", s)
		}
		if day, id, ok := parseDataName(s); ok && dataName(day, id) != s {
			t.Errorf("data name %q", s)
		}
		if seq, id, ok := parseLedgerName(s); ok && ledgerName(seq, id) != s {
			t.Errorf("ledger name %q", s)
		}
		if seq, id, ok := parseAuditName(s); ok && auditName(seq, id) != s {
			t.Errorf("audit name %q", s)
		}
		if id, ok := parseQuarantineName(s); ok && quarantineName(id) != s {
			t.Errorf("quarantine name %q", s)
		}
		if name, ok := parseClaimName(s); ok && claimName(name) != s {
			t.Errorf("claim name %q", s)
		}
		if n, ok := parseHint([]byte(s)); ok && string(formatHint(n)) != s && string(formatHint(n)) != s+"\n" {
			t.Errorf("hint %q", s)
		}
		if h, err := parseHead(s); err == nil && h.String() != s {
			t.Errorf("head %q", s)
		}
	})
}
