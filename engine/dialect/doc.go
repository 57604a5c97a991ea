// Package dialect reads the SQL of CloudTrail Lake, which is Trino's SELECT
// language, checks it, and prints it for an engine. It is pure Go and knows no
// engine, no lake and no file.
//
// Start with Analyze. It parses a text (package syntax), resolves names against a
// Catalog, finds the type of every expression by Trino's rules, and gives a typed
// tree with facts for the planner: which stores and columns the query reads, and
// between which times. The printers turn the tree into other text; nothing of the
// user's text reaches an engine.
//
// The order of the work: analyze_query and its sisters build the tree clause by
// clause, in Trino's order of scopes; prune then takes out what nobody reads, and
// timebounds finds the range of times of each store. An analysis keeps its first error
// and goes on without effect.
//
// # Invariants
//
//	A function that is not in the registry cannot be called.
//	A table that the catalog does not know cannot be read.
//	Every implicit conversion stands as a Cast in the typed tree.
//	All errors of the text are an *Error: Trino's code and wording, line and column.
//
// Where CloudTrail Lake takes more than Trino, each leniency has a name; see Leniency.
package dialect
