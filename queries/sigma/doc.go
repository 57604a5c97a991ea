// Package sigma turns Sigma rules for CloudTrail into saved queries: text in, text out.
// Convert is all that there is to call. The specification followed is version 2.1 of
// Sigma's rules and correlation rules, with the count aggregation of version 1.
//
// # What a rule means
//
// A detection asks for texts in fields of a record. Texts are compared without regard to
// case unless |cased or |re says otherwise; * and ? are wildcards, a backslash takes the
// meaning from them. A field that a record does not have meets no test but null, so that
// "not selection" finds the records without it.
//
// A field is a path of the record's own names. Those that are columns are looked up
// without regard to case, as SQL does. Below the free-form blocks, such as
// requestParameters, names are exact, and a list matches if one of its elements does;
// what is no text is compared as it is spelt in JSON: true, 5, {"a":1}. A block that is
// named as a whole matches if the value of one of its keys does, or its JSON. JSON null
// is a field that is not there; |exists means not null.
//
// A keyword is looked for in the text of the whole record, as it stands and as it would stand in a text
// of it: with its quotes and backslashes escaped.
//
// # What cannot be expressed
//
// A rule that cannot be turned into SQL with this meaning is refused with its file, line
// and title, and with what to do. Nothing is left out of a rule in silence.
package sigma
