// Package lake keeps CloudTrail events in event data stores. A store is a set of
// immutable Parquet files, partitioned by event day; which files belong to it is
// decided by its newest commit and by nothing else.
//
// Start with Lake, Store, Snapshot and Batch. A Snapshot is fixed for good; a Batch
// collects data files and ledger entries, and its Commit leads from one Snapshot to
// the next. FORMAT.md describes what lies on disk.
//
// # Invariants
//
//	A file is visible if and only if the newest commit lists it.
//	A source object is marked ingested in the same commit that adds its rows.
//	Files are written once, under a unique name, and synced before they are listed.
//	Nothing that a snapshot of the history or a lease reaches is changed or removed.
//
// Check verifies them, and laketest runs it at the end of every test.
package lake
