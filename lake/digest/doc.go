// Package digest reads and checks CloudTrail's digest files: hourly lists of the log
// files that a trail delivered, with their hashes, chained and signed with RSA (CloudTrail
// user guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail
// log file integrity validation").
//
// It is functions over bytes and knows no disk and no network. Open reads a digest file,
// Checked.Verify decides whether it is valid, Walk follows the chain that a trail's
// digests make, LogReader hashes a log as they do. Verdicts and their words are those of "aws
// cloudtrail validate-logs"; what that command does not look at has words of its own: see
// Reason.
//
// Sign and File.Encode make digests, for tests and synthetic logs.
package digest
