package report

import (
	"encoding/json"
	"time"
)

// Schema is the version of the JSON form of a Report. Fields may be added under the same
// number; none is renamed or removed.
const Schema = "traillake.report/1"

// Verdict is what came out for a control.
type Verdict string

// The verdicts, the worst first.
const (
	// VerdictFailed means that a query did not run, so that nothing is known.
	VerdictFailed Verdict = "failed"
	// VerdictFindings means that there are rows where none are expected.
	VerdictFindings Verdict = "findings"
	// VerdictMissing means that there is no evidence, or no data to have any in.
	VerdictMissing Verdict = "missing"
	// VerdictReview means that somebody has to look at the rows.
	VerdictReview Verdict = "review"
	// VerdictEvidence means that there are the rows that are expected.
	VerdictEvidence Verdict = "evidence"
	// VerdictPass means that there are no rows, as expected.
	VerdictPass Verdict = "pass"
)

// Verdicts are all of them, the worst first.
func Verdicts() []Verdict {
	return []Verdict{VerdictFailed, VerdictFindings, VerdictMissing, VerdictReview, VerdictEvidence, VerdictPass}
}

// Report is what came out of a pack.
type Report struct {
	// Schema is the constant of that name.
	Schema string `json:"schema"`
	// Tool names the program and its version.
	Tool   string `json:"tool,omitempty"`
	Pack   Pack   `json:"pack"`
	Period Period `json:"period"`
	Store  Store  `json:"store"`
	// Coverage says what the store holds of the period.
	Coverage Coverage `json:"coverage"`
	// Summary counts the controls by verdict; those with none are there with 0.
	Summary map[Verdict]int `json:"summary"`
	// Controls are in the order of the pack.
	Controls []Control `json:"controls"`
	// Results are the queries that ran, each once with the same parameters, in the
	// order in which the controls name them.
	Results []Result `json:"results"`
}

// Pack says what was run.
type Pack struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Framework   string `json:"framework,omitempty"`
	Version     string `json:"version,omitempty"`
	Description string `json:"description,omitempty"`
	// Scope says what the pack cannot show as a whole.
	Scope string `json:"scope,omitempty"`
}

// Period is the range of event time that was looked at, since ≤ t < until, in UTC.
type Period struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Zone is the time zone whose days make the period, as Europe/Zagreb; empty for UTC.
	Zone string `json:"timeZone,omitempty"`
}

// Store is the snapshot that was read.
type Store struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	// Snapshot is the table's snapshot id, 0 for a store without data; Version that of
	// the metadata and Committed its time.
	Snapshot  int64     `json:"snapshot"`
	Version   int       `json:"version"`
	Committed time.Time `json:"committed"`
}

// Coverage says which events of the period the store holds.
type Coverage struct {
	Events int64 `json:"events"`
	// First and Last are the times of the first and the last of them; zero for none.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Categories counts them by eventCategory.
	Categories map[string]int64 `json:"categories"`
	// Days counts them by day, in order.
	Days []Day `json:"days"`
	// DaysWithout are the days of the period, up to the snapshot's commit, without any.
	DaysWithout []string `json:"daysWithout"`
	// Error says why nothing is known of it; empty where it is known.
	Error string `json:"error,omitempty"`
}

// Day is a day in UTC, as 2026-10-31, and its number of events.
type Day struct {
	Day    string `json:"day"`
	Events int64  `json:"events"`
}

// Control is a control of the pack and its verdict.
type Control struct {
	ID          string `json:"id"`
	Section     string `json:"section,omitempty"`
	Title       string `json:"title"`
	Requirement string `json:"requirement"`
	Severity    string `json:"severity"`
	// Expect is none, some or review.
	Expect  string  `json:"expect"`
	Verdict Verdict `json:"verdict"`
	// Reason says why the verdict is failed or missing, and which queries failed under
	// another verdict.
	Reason string `json:"reason,omitempty"`
	// Rows is the number of rows of all its queries.
	Rows     int64  `json:"rows"`
	Evidence string `json:"evidence"`
	Limits   string `json:"limits"`
	// Results are the ids of its results.
	Results []string `json:"results"`
}

// Result is a query that ran, with the first of its rows.
type Result struct {
	// ID is the query's name, with a number behind it where it ran with several sets
	// of parameters.
	ID          string            `json:"id"`
	Query       string            `json:"query"`
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Next        string            `json:"next,omitempty"`
	Params      map[string]string `json:"params"`
	SQL         string            `json:"sql"`
	Columns     []Column          `json:"columns"`
	// Rows are the first rows of Count in all.
	Rows  [][]Cell `json:"rows"`
	Count int64    `json:"count"`
	// Limited is set where the pack gave the query a limit and that many rows came:
	// there may be more than Count.
	Limited bool `json:"limited,omitempty"`
	// Error says why the query did not run to its end; empty where it did.
	Error string `json:"error,omitempty"`
}

// Column is a column of a result with its type in SQL.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Cell is a value as JSON: numbers, booleans, arrays, objects for maps and rows, times as
// RFC 3339, null.
type Cell json.RawMessage

// MarshalJSON implements json.Marshaler.
func (c Cell) MarshalJSON() ([]byte, error) { return json.RawMessage(c).MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (c *Cell) UnmarshalJSON(b []byte) error { return (*json.RawMessage)(c).UnmarshalJSON(b) }

// Text returns the value for people: a text without quotes, NULL as the empty text, and
// JSON for what consists of parts.
func (c Cell) Text() string {
	var s string
	if len(c) > 0 && c[0] == '"' && json.Unmarshal(c, &s) == nil {
		return s
	}
	if string(c) == "null" {
		return ""
	}
	return string(c)
}

// Result finds a result by id; nil when there is none.
func (r *Report) Result(id string) *Result {
	for i := range r.Results {
		if r.Results[i].ID == id {
			return &r.Results[i]
		}
	}
	return nil
}
