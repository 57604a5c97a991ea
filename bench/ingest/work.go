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
		result, err = rewrite(ctx, from, to)
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
	src, err := dir.Open(from)
	if err != nil {
		return 0, err
	}
	var files []string
	var largest int64
	for o, err := range src.List(ctx) {
		if err == nil {
			files = append(files, quote(o.Key))
			largest = max(largest, o.Size)
		}
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	// A buffer holds the largest object, which is a whole file of the delivered ones.
	// Logs shrink to about an eighth; 16 MiB is DuckDB's default.
	options := fmt.Sprintf("maximum_object_size = %d, filename = true", max(16<<20, 16*largest))
	from = "FROM (SELECT unnest(Records) AS r, filename FROM read_json([" + strings.Join(files, ", ") + "], " +
		"columns = {Records: " + quote(recordType()+"[]") + "}, " + options + "))"
	columns := members("r.")
	if kind == kindNDJSON {
		var types []string
		for _, c := range schema.DeliveredColumns() {
			types = append(types, c.Key+": "+quote(sqlType(c)))
		}
		from = "FROM read_json([" + strings.Join(files, ", ") + "], format = 'newline_delimited', columns = {" +
			strings.Join(types, ", ") + "}, " + options + ")"
		columns = members("")
	}
	// Other orders of rows are as good, and this one takes less memory.
	return sql(ctx, to, "SET preserve_insertion_order = false",
		"COPY (SELECT "+columns+", filename AS _source "+from+") TO "+quote(filepath.Join(to, "events.parquet"))+
			" (FORMAT parquet, COMPRESSION zstd)")
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
