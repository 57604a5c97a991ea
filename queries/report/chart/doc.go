// Package chart draws the charts of a report: events over time, findings by control,
// principals, and which days there are of which account and region.
//
// A chart is a Drawing: a list of shapes with classes in place of colours. SVG writes one
// for a page, whose style sheet has the colours; what makes a PDF draws the shapes itself.
package chart
