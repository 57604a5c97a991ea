// Package gen makes synthetic CloudTrail logs in the layout and form in which
// CloudTrail delivers them, for tests, demonstrations and benchmarks.
//
// Write makes a set from a Config; DefaultConfig is a good start. Two runs with the
// same Config write the same bytes, whatever the number of processors. Memory does
// not grow with the number of records.
//
// The logs are those of an invented organization: a few accounts and regions, and
// principals of the usual kinds (people behind single sign-on, IAM users, pipelines,
// instances, functions, pods, scanners, service-linked roles) whose sessions make
// bursts of calls. Beside the logs Write leaves truth.json, which says what is in
// them: totals, copies of global events, shared events, the busiest addresses, the
// steps of a planted attack. Everything in it was counted while writing.
//
// # How the set is made
//
// The period is cut into slots of equal numbers of records, so that slots are short
// in business hours and long at night. In a slot every account is active for five
// minutes of its own, which makes one delivery of files. A unit is one account over
// a few neighbouring slots; sessions live inside a unit. A unit's content depends on
// the seed and its number only, which is what lets units be made in parallel.
//
// Accounts, names, ids and public addresses are made up from the seed. Any likeness
// to existing ones is chance.
package gen
