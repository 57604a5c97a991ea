// Package duck runs the engine's SQL on DuckDB. It is the only importer of the
// DuckDB driver.
//
// Every session is a fresh in-memory database. Its settings are in one table,
// each with its reason; they are locked before any SQL that a user had a part in
// runs. Only the files that the caller lists can be read, the private folder for
// spilled data is removed with the session, and a cancelled context interrupts
// whatever runs.
//
// The package speaks the driver's C interface, not database/sql: results are read
// as vectors and copied into Arrow arrays column by column, which is many times
// faster than scanning rows.
//
// DuckDB is C++ in this process: it has no privilege boundary of its own. A
// crafted data file could crash the process.
package duck
