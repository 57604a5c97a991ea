// Package filecache keeps copies of remote files that never change on a local disk, under
// the SHA-256 of their content and within a bound of bytes.
//
// Start with Open, then Pin for a path that a program can open, or Read for the bytes. What
// comes in is compared with its hash before anybody sees it. Several processes may use one
// folder at the same time, and may be killed at any time: what they leave is removed by the
// next. Nothing in the folder is needed; it may be deleted while nobody uses it.
//
// Put and Get are for what is computed here, of which there is no hash beforehand.
//
// PinParts is for who reads only some parts of a large file. Of these there is no hash: its
// copies, files with holes, are named by what they hold.
//
//	objects/<2 digits>/<sha256>    what was fetched
//	names/<2 digits>/<sha256 of the key>    which object a key means: its hash and size; of parts, tag and stretches
//	sessions/<id>, <id>.lock    files in the making and pins of one process, which holds the lock
//
// A pin is a hard link in the folder of its process, so that an object can be evicted while
// another process reads it, and the room is free when the last of them is done.
package filecache
