// Package render writes a report for people: as a page of HTML that needs nothing else, as
// Markdown, and as PDF. The same report gives the same bytes.
package render
