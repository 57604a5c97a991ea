// Package encode writes query results as tables, text, JSON and Parquet.
//
// Start with New. All encoders but the table write as they go, so a result of any
// size takes little memory.
//
// # Values
//
// The text formats (table, csv, tsv, markdown) write values as CloudTrail Lake
// does: timestamps as 2023-01-22 16:53:53.000, arrays as [a, b], maps and rows as
// {k=v, k2=v2}, a NULL inside them as null. A NULL of its own is empty; csv tells
// it from an empty string, which is "".
//
// The JSON formats keep types: numbers, booleans, arrays, objects for maps and
// rows, columns of the SQL type JSON as they are, times in RFC 3339, with Z for
// timestamps. Integers and decimals keep all their digits. Not-a-number and the
// infinities, which JSON lacks, are strings.
//
// # Names
//
// A result may have several columns of one name. csv, tsv, table and markdown
// keep them. In json, jsonl and parquet the second and later ones get _1, _2 and so
// on, passing over names that are taken.
package encode
