// Package inflate unzips whole gzip files from memory to memory, faster than a reader
// that has to be able to stop anywhere: what was written is its own window, there is a
// word of input at hand instead of a byte, and nothing is copied twice.
//
// It is a fast path and no judge. Whatever it does not take, because it is damaged, too
// long or merely unusual, gives ErrNotTaken, and is to be read again by a library, which
// says what is wrong and how much of it is good. What it takes has the length and the
// CRC-32 that its trailer tells, as a reader would demand.
//
// The format is that of RFC 1951 (DEFLATE) and RFC 1952 (gzip). Codes are looked up in
// one table of 2,048 entries, longer ones in a second beside it; an entry tells
// everything of a symbol, so that no other table is asked. The idea is that of
// libdeflate.
package inflate
