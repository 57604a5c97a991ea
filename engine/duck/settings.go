package duck

import (
	"fmt"
	"strconv"
	"strings"
)

// setting is one DuckDB setting of every session.
type setting struct {
	name  string
	value func(l limits) string // "" leaves what DuckDB starts with
	why   string
}

// limits are the numbers and the folder that differ by session.
type limits struct {
	memory  int64 // bytes
	spill   int64 // bytes
	threads int
	tempDir string
	again   bool // files are read by several statements
}

func always(v string) func(limits) string { return func(limits) string { return v } }

// startSettings are given when the database is opened, before any SQL.
var startSettings = []setting{
	{"threads", func(l limits) string { return strconv.Itoa(l.threads) },
		"the machine is shared; given at start so that no surplus thread is made"},
	{"memory_limit", func(l limits) string { return bytesText(l.memory) },
		"a query that needs more spills, and then fails, instead of having the process killed"},
	{"temp_directory", func(l limits) string { return l.tempDir },
		"DuckDB lets SQL read its temporary folder, so no two queries may share one"},
	{"autoinstall_known_extensions", always("false"),
		"nothing is downloaded at run time"},
	{"autoload_known_extensions", always("false"),
		"an extension in the home folder is no part of this program"},
	{"allow_community_extensions", always("false"),
		"as above"},
	{"allow_persistent_secrets", always("false"),
		"keeps DuckDB from looking into ~/.duckdb"},
	{"enable_external_file_cache", always("false"),
		"each file is read once per session, so a cache of its bytes only takes memory from the query"},
	{"errors_as_json", always("true"),
		"errors carry their position and class as fields, not inside text"},
}

// connSettings are given by SQL: they are unknown when the database is opened, or, like
// max_temp_directory_size, shown and not kept to when they are given then.
var connSettings = []setting{
	{"max_temp_directory_size", func(l limits) string { return bytesText(l.spill) },
		"a runaway sort must not fill the disk"},
	{"TimeZone", always("UTC"),
		"times mean the same on every machine"},
	{"parquet_metadata_cache", func(l limits) string {
		if l.again {
			return "true"
		}
		return ""
	}, "off unless asked for: parsed footers are kept until the session ends, whatever the memory limit: of 10,000 files they took 1.1 GB and a quarter of the time"},
}

// lockSettings run last, in this order: allowed_paths cannot be set once external
// access is off, and nothing can be set after the lock.
func lockSettings(files []string) []string {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = quote(f)
	}
	return []string{
		// The exact files and no folder: a folder would also grant writing.
		"SET allowed_paths = [" + strings.Join(quoted, ", ") + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	}
}

// quote writes s as a SQL string literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// bytesText writes n in the unit that DuckDB takes without rounding.
func bytesText(n int64) string { return fmt.Sprintf("%dB", n) }
