package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"traillake/lake/source/dir"
	"traillake/schema"
)

// The kinds of work that processes of their own do.
const (
	kindRewrite = "rewrite"
	kindJSON    = "json"
	kindNDJSON  = "ndjson"
)

// SQL runs statements in a fresh DuckDB that may use tempDir, and returns how many
// rows the last one wrote.
type SQL func(ctx context.Context, tempDir string, statements ...string) (rows int64, err error)

// Work does what a process of a benchmark does: kind and folders are arguments that
// Config.Command was given. It writes JSON to out.
func Work(ctx context.Context, kind, from, to string, sql SQL, out io.Writer) error {
	var result any
	var err error
	switch kind {
	case kindRewrite:
		result, err = Rewrite(ctx, from, to)
	case kindJSON, kindNDJSON:
		var rows int64
		rows, err = duckDB(ctx, kind, from, to, sql)
		result = map[string]int64{"events": rows}
	default:
		err = fmt.Errorf("there is no work %q", kind)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// duckDB makes one Parquet file of the records below from.
func duckDB(ctx context.Context, kind, from, to string, sql SQL) (int64, error) {
	files, err := Files(ctx, from)
	if err != nil {
		return 0, err
	}
	relation := files.Delivered()
	if kind == kindNDJSON {
		relation = files.Lines()
	}
	return sql(ctx, to, CopyToParquet(relation, filepath.Join(to, "events.parquet"))...)
}

// LogFiles are files with records.
type LogFiles struct {
	// Paths are all of them, Largest the size of the largest.
	Paths   []string
	Largest int64
}

// Files finds the log files below a folder, as an ingest does.
func Files(ctx context.Context, from string) (LogFiles, error) {
	var f LogFiles
	src, err := dir.Open(from)
	if err != nil {
		return f, err
	}
	for o, err := range src.List(ctx) {
		if err == nil {
			f.Paths = append(f.Paths, o.Key)
			f.Largest = max(f.Largest, o.Size)
		}
	}
	return f, ctx.Err()
}

// list is a list of all paths in SQL.
func (f LogFiles) list() string {
	quoted := make([]string, len(f.Paths))
	for i, p := range f.Paths {
		quoted[i] = quote(p)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// options are those of read_json. A buffer holds the largest object, which is a whole file
// of the delivered ones. Logs shrink to about an eighth; 16 MiB is DuckDB's default.
func (f LogFiles) options() string {
	return fmt.Sprintf("maximum_object_size = %d", max(16<<20, 16*f.Largest))
}

// Delivered is a SELECT of DuckDB that reads files as CloudTrail delivers them, with all
// columns and their types, and with filename, which costs nothing where it is not used.
func (f LogFiles) Delivered() string {
	return "SELECT " + members("r.") + ", filename FROM (SELECT unnest(Records) AS r, filename FROM read_json(" + f.list() +
		", columns = {Records: " + quote(recordType()+"[]") + "}, " + f.options() + ", filename = true))"
}

// Lines is the same for files of one record per line.
func (f LogFiles) Lines() string {
	var types []string
	for _, c := range schema.DeliveredColumns() {
		types = append(types, c.Key+": "+quote(sqlType(c)))
	}
	return "SELECT " + members("") + ", filename FROM read_json(" + f.list() + ", format = 'newline_delimited', columns = {" +
		strings.Join(types, ", ") + "}, " + f.options() + ", filename = true)"
}

// DeliveredText is a SELECT that gives every record of files as delivered as JSON, in a
// column r.
func (f LogFiles) DeliveredText() string {
	return "SELECT unnest(Records) AS r FROM read_json(" + f.list() + ", columns = {Records: 'JSON[]'}, " + f.options() + ")"
}

// LinesText is the same for files of one record per line.
func (f LogFiles) LinesText() string {
	return "SELECT json AS r FROM read_json_objects(" + f.list() + ", format = 'newline_delimited', " + f.options() + ")"
}

// CopyToParquet are statements that write what a SELECT gives into one Parquet file. Other
// orders of rows are as good, and this one takes less memory.
func CopyToParquet(relation, file string) []string {
	return []string{"SET preserve_insertion_order = false",
		"COPY (SELECT * EXCLUDE (filename), filename AS _source FROM (" + relation + ")) TO " + quote(file) + " (FORMAT parquet, COMPRESSION zstd)"}
}

// members lists the delivered columns, each after prefix.
func members(prefix string) string {
	var list []string
	for _, c := range schema.DeliveredColumns() {
		list = append(list, prefix+c.Key)
	}
	return strings.Join(list, ", ")
}

func recordType() string { return structType(schema.DeliveredColumns()) }

func structType(cols []schema.Column) string {
	var list []string
	for _, c := range cols {
		list = append(list, `"`+c.Key+`" `+sqlType(c))
	}
	return "STRUCT(" + strings.Join(list, ", ") + ")"
}

// sqlType is DuckDB's type for what Traillake stores.
func sqlType(c schema.Column) string {
	switch c.Kind {
	case schema.KindBool:
		return "BOOLEAN"
	case schema.KindTimestamp:
		return "TIMESTAMP"
	case schema.KindInt:
		return "BIGINT"
	case schema.KindJSON:
		return "JSON"
	case schema.KindStruct:
		return structType(c.Delivered())
	case schema.KindList:
		return structType(c.Delivered()) + "[]"
	default:
		return "VARCHAR"
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
