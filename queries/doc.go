// Package queries holds saved queries: SQL files that CloudTrail Lake itself
// would accept, each with its description and its parameters in the leading
// comment. It parses, checks, collects and binds them; it runs nothing.
//
// Start with Catalog for the queries that come with Traillake, Dir for a user's
// own, Set.Merge to put the two together, and Query.Values for the parameters with
// which the engine runs Query.SQL.
//
// # The file
//
// A file is called after its query, with the extension .sql. It begins with
// line comments that hold one key each:
//
//	-- name: top-callers-by-source-ip
//	-- title: Top callers by source IP
//	-- description: Who calls from where, most active addresses first. A value
//	--   goes on in lines that are indented by two blanks or more.
//	--
//	--   An empty comment line begins a new paragraph.
//	-- tags: network, triage
//	-- params:
//	--   since: timestamp = now - 7 days
//	--     The text below a parameter, indented further, explains it.
//	--   limit: integer = 20
//	SELECT … FROM $EDS_ID WHERE eventTime >= :since … LIMIT :limit
//
// Further keys, all optional: severity (info, low, medium, high, critical),
// technique (MITRE ATT&CK ids), apis (the event names that it looks for),
// false-positives and next (what to do with the rows). The first line that is
// no comment ends the header. What follows is one SELECT statement.
//
// # Parameters
//
// A parameter has a type, see Type, and may have a default; without one the
// caller must give a value. Where the SQL says :name, the engine puts a typed
// literal into the tree of the query. $EDS_ID stays as it is: the engine knows the
// store.
package queries
