package engine

import (
	"errors"
	"syscall"
	"testing"

	"traillake/lake"
)

func TestDamaged(t *testing.T) {
	for message, want := range map[string]string{
		`Failed to read file "/lake/a.parquet": ZSTD Decompression failure`: "corrupt lake: /lake/a.parquet: the file is damaged: ZSTD Decompression failure",
		"TProtocolException: Invalid data":                                  "corrupt lake: a page of a data file is damaged: TProtocolException: Invalid data",
		"don't know what type: \x0f":                                        "corrupt lake: a page of a data file is damaged: don't know what type: \x0f",
		"Out of buffer":                                                     "corrupt lake: a page of a data file is damaged: out of buffer",
	} {
		if err := damaged(message); !errors.Is(err, lake.ErrCorrupt) || err.Error() != want {
			t.Errorf("%q: %v, want %s", message, err, want)
		}
	}
	for _, message := range []string{"Division by zero: 1 / 0", "Invalid data", `Could not convert string "Out of buffer" to INT64`} {
		if err := damaged(message); err != nil {
			t.Errorf("%q: %v", message, err)
		}
	}
}

func TestFullDisk(t *testing.T) {
	for message, want := range map[string]error{
		`Could not write file "/tmp/x/duckdb_temp_storage_S128K-0.tmp": No space left on device`: syscall.ENOSPC,
		`Could not write file "/tmp/x/duckdb_temp_storage-0.tmp": Disk quota exceeded`:           syscall.EDQUOT,
		`Could not write file "/tmp/x/duckdb_temp_storage-0.tmp": Input/output error`:            nil,
		`Could not convert string 'No space left on device' to INT32`:                            nil,
	} {
		if err := fullDisk(message); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", message, err, want)
		}
	}
}
