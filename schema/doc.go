// Package schema describes CloudTrail records and decodes them. One table of
// columns says what a record holds, how SQL shows it and how it is stored; the
// Arrow schema, the decoder and the documentation follow from it.
//
// Start with Stored and Visible for the table, Decoder to read records out of a
// file's bytes, and Builder to turn them into Arrow record batches.
//
// Times are microseconds since 1970-01-01 UTC. An absent key is SQL NULL; an
// explicit JSON null is the text null in a JSON column, and otherwise makes the
// record keep its text.
//
// # What is kept
//
// Every record can be given back byte for byte. A record in the form in which AWS
// delivers it (keys in the known order, no white space, canonical escapes, no
// unknown key) is rebuilt from its columns, as Record.Rebuild does it. Any other record keeps
// its text in the column _raw.
//
// Records in that form are read by a fast reader, which knows nothing else: it gives up at
// the first thing that is unusual, and a plain parser reads the record from its start.
// The parser decides by comparing, and the two are compared by fuzzing.
//
// The package is a leaf: it imports no SDK and no cgo.
package schema
