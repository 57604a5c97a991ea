package query

import (
	"slices"
	"strings"
	"testing"

	"traillake/bench/trino"
)

// TestTrinoAbsent: without Trino the result says so, unless it was asked for.
func TestTrinoAbsent(t *testing.T) {
	t.Setenv("TRINO_HOME", t.TempDir())
	systems, leftOut, err := chosenSystems(Config{})
	if err != nil || slices.ContainsFunc(systems, func(s *system) bool { return s.name == Trino }) ||
		!slices.ContainsFunc(leftOut, func(why string) bool { return strings.HasPrefix(why, "trino was left out: there is no Trino: ") }) {
		t.Errorf("left out: %v, %v", leftOut, err)
	}
	if _, _, err := chosenSystems(Config{Systems: []string{Trino}}); err == nil || !strings.Contains(err.Error(), "system trino: there is no Trino: ") {
		t.Errorf("asked for: %v", err)
	}
}

// TestTrino runs the whole suite with a real Trino.
func TestTrino(t *testing.T) {
	if _, err := trino.Home(); err != nil {
		t.Logf("NOT COMPARED with Trino: %v", err)
		return
	}
	d, err := Run(t.Context(), Config{Source: logs(t), Seed: 3, Threads: 2, Memory: 1 << 30, Dir: t.TempDir(), Tool: "traillake test", Systems: []string{Traillake, Trino}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Tasks) != len(Suite()) || len(d.Agreement) != 1 || !strings.HasPrefix(d.Agreement[0], "All 2 systems gave the same rows for each of the 38 queries") {
		t.Errorf("%d queries ran: %v %v", len(d.Tasks), d.Agreement, d.Limits)
	}
}
