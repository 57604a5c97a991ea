// Package selector is CloudTrail's advanced event selectors: which records an event data
// store takes.
//
// A Set is made by Parse from the JSON that `aws cloudtrail create-event-data-store
// --advanced-event-selectors` takes, checked by the rules of CloudTrail's API reference
// (AdvancedEventSelector, AdvancedFieldSelector) for event data stores. Set.Match answers for
// one decoded record. Nothing is read and nothing is kept here.
//
// A selector is the AND of its fields, and several selectors are ORed. Of one field, the
// values of Equals, StartsWith and EndsWith are alternatives; those of NotEquals,
// NotStartsWith and NotEndsWith must all hold. Text is compared as it is, in upper and
// lower case.
package selector
