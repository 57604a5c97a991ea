package engine

import "strings"

// allowedTableFunctions make rows out of their arguments and nothing else.
var allowedTableFunctions = set("unnest", "range", "generate_series", "json_each", "json_tree", "repeat", "repeat_row")

// deniedFunctions are the scalar functions, aggregates and macros that read or
// change something outside their arguments, run or show SQL, or are there for
// DuckDB's own use. A test compares the decision for every function of the linked
// DuckDB with a reviewed list, so a new version brings none in unseen.
var deniedFunctions = set(
	// Settings, variables and the session.
	"current_setting", "getvariable", "set_config", "getenv",
	"current_connection_id", "current_query", "current_query_id", "current_transaction_id", "txid_current",
	"current_catalog", "current_database", "current_schema", "current_schemas", "current_role", "current_user",
	"session_user", "user", "in_search_path", "version", "get_block_size",
	// SQL inside SQL.
	"json_serialize_sql", "json_deserialize_sql", "json_serialize_plan", "json_execute_serialized_sql",
	"query", "query_table", "sql_auto_complete",
	// Side effects, and time that is spent for nothing.
	"nextval", "currval", "setseed", "write_log", "sleep_ms", "pg_sleep", "add_parquet_key", "which_secret",
	// What the optimizer and the storage use among themselves.
	"stats", "create_sort_key", "vector_type", "constant_or_null", "parse_duckdb_log_message",
	"export_state", "finalize", "combine", "cast_to_type", "replace_type", "make_type", "can_cast_implicitly",
	"remap_struct", "timetz_byte_comparable", "is_histogram_other_bin",
	"col_description", "obj_description", "shobj_description", "format_pg_type", "format_type", "map_to_pg_oid",
)

// deniedPrefixes cover families of functions that show the catalog or read files,
// and those that are there for SQL that we print.
var deniedPrefixes = []string{
	"__internal", "pg_", "has_", "inet_", "duckdb_", "pragma_", "read_", "parquet_", "sniff_", "copy_",
	// Our own functions, which printed SQL calls.
	"t_",
}

func deniedFunction(name string) bool {
	name = strings.ToLower(name)
	if deniedFunctions[name] {
		return true
	}
	for _, p := range deniedPrefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
