package unboxed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "o.parquet")
	rows, err := Run(t.Context(), Options{Threads: 1, TempDir: t.TempDir()},
		"CREATE TABLE t AS SELECT range AS n FROM range(7)", "COPY t TO '"+out+"' (FORMAT parquet)")
	if err != nil || rows != 7 {
		t.Fatalf("%d rows, error %v; want 7 rows", rows, err)
	}
	if _, err := os.Stat(out); err != nil {
		t.Fatal(err)
	}
}

func TestRunFails(t *testing.T) {
	if _, err := Run(t.Context(), Options{}, "SELECT nothing"); err == nil {
		t.Error("a statement that is wrong gives no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Options{}, "SELECT 1"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v after the context has ended", err)
	}
}

func TestVersion(t *testing.T) {
	if v := Version(); !regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+`).MatchString(v) {
		t.Errorf("the version is %q", v)
	}
}
