// Package report runs packs of saved queries over a fixed period and snapshot, and says
// of each control what came out.
//
// Run makes a Report, which is plain data: what renders, stores or compares reports needs
// nothing else. The same pack over the same snapshot and period gives the same Report,
// so it holds neither the time of the run nor how long it took.
//
// # Verdicts
//
// A control is judged by its expectation and the number of rows of its queries:
//
//	expect   no rows    rows
//	none     pass       findings
//	review   pass       review
//	some     missing    evidence
//
// Where data of the period is missing, pass and evidence become incomplete: Coverage.Gaps
// says what is missing, and where nothing is delivered because nothing happened. Logs that
// CloudTrail's digests name and that were not there are missing, too, and digests that the next ones
// name: what they named may be gone without a trace. The same where log files
// are not what CloudTrail delivered, by its digests: what they hold is read, and may be anything.
// That digests were not checked is no gap; Coverage.Digests counts.
//
// A control is missing, too, where no rows mean nothing: no event of the period is in the store,
// or none of a category that the control needs. It is failed where a query did not run
// and the others found nothing that is worse. Control.Reason says why.
package report
