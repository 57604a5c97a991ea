// Package syntax reads Trino's SELECT language: text to tokens to a tree whose
// nodes know their bytes in the text. It knows grammar only: no names, no types, no
// functions.
//
// Start with Parse, Query and Expr. The tests write each tree as Trino SQL again, and
// what they write parses to the same tree.
//
// The grammar is that of Trino's queries and expressions. What a query may hold in
// Trino and never here (MATCH_RECOGNIZE, JSON_TABLE, table functions, inline
// functions, session settings) is recognised and refused by name. Beyond Trino the
// parser takes what CloudTrail Lake takes: the bare id of an event data store as a
// table, $EDS_ID, "< =" for "<=", a semicolon at the end, and :name parameters.
package syntax
