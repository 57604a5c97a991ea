// Package evidence makes a signed statement on a lake, and checks one: which files the lake
// consists of, which source objects it was made of, with the hashes of all, by which commits,
// and what was found when it was checked. Somebody else can then tell, with the folder and a
// public key alone, whether a copy of the lake and of the logs is still what it was.
//
// Write leaves a folder:
//
//	README.txt               what this is, and how to check it
//	verify.json              a Statement
//	files.csv                every file of the lake
//	objects.csv              every source object that was ingested
//	audit/<store id>.jsonl   the commit records, each with the hash of the one before
//	public-key.pem, manifest.json, manifest.json.sig
//
// The same lake, checked in the same way by the same version with the same key, gives the
// same bytes: neither the time of the check nor the place of the lake is part of them.
//
// Verify reads such a folder as what a stranger may have made: it believes nothing that the
// signature and the manifest do not bear out.
package evidence
