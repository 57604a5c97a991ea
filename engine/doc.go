// Package engine answers SQL over the event data stores of a lake.
//
// Start with New and Engine.Query. The way of a query:
//
//	text → front end → statement, stores it names, time bounds, SQL to run
//	     → one snapshot of each store, pinned → files that the bounds leave
//	     → logical views over these files → Executor → Result
//
// The front end is chosen by Request.Dialect. A front end hands on only what it has
// understood: one SELECT, tables that are stores of this lake, functions that
// neither read files or settings nor run SQL of their own.
//
// # Logical views
//
// SQL sees the columns of package schema, not those of the data files: free-form
// blocks are maps, eventjson is the record as it was delivered. The views are
// plain SQL over the Parquet files. What a column costs is paid only by queries
// that name it, and conditions on stored columns reach the Parquet reader.
//
// # Invariants
//
//	A query reads one snapshot of each store, whatever is committed meanwhile.
//	A file that could hold a matching event is never left out.
//	The executor is given no path that is not a data file of these snapshots.
//
// The package knows no database: Executor is implemented by package duck.
package engine
