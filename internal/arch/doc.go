// Package arch holds the tests of the architecture: which package may import which,
// what the root of the repository may hold, and the habits that a search can check.
// It has no code of its own.
package arch
