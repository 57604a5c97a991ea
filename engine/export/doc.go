// Package export writes results of queries as CloudTrail Lake delivers them: compressed
// CSV files, and result_sign.json with the hash of each, signed. What verifies results of
// CloudTrail Lake verifies these.
//
//	version               "1.0"
//	region                the region of the event data store
//	files                 fileName, and fileHashValue: SHA-256 of the compressed file, in hex
//	hashAlgorithm         "SHA-256"
//	signatureAlgorithm    "SHA256withRSA", with the padding of PKCS #1 v1.5
//	queryCompleteTime     as 2022-05-10T22:06:30Z
//	hashSignature         the signature, in hex, of the hashes with a blank between them
//	publicKeyFingerprint  the key's name, as ListPublicKeys has it
//
// Nothing but the hashes and their order is signed: not the time, the region, or which name
// a file has. This is the form that AWS documents in "CloudTrail Lake sign file structure".
package export
