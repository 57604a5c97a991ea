// Package result is the document that every benchmark leaves: what was measured, on what,
// with every run, and how the systems of one run compare.
//
// A benchmark makes a Document with New, adds cases, and calls AddRatios and Finish.
// Document.JSON, Document.Text and Document.HTML write it, Read reads it back, and Compare
// puts two of them side by side. Times of different machines, or hours, say little, so that
// Compare looks at ratios of systems that ran in turn.
package result
