// Package custody checks the logs of a source against CloudTrail's digests beside them.
//
// Load reads the digests of all trails, accounts and regions in parallel, checks their
// signatures and walks their chains; the Sums that it returns know what digests say of a
// log. Verify does that and reads every log.
package custody
