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
	// VerdictIncomplete means that nothing else is known to be wrong, and that data of the
	// period is missing, so that it may be.
	VerdictIncomplete Verdict = "incomplete"
	// VerdictReview means that somebody has to look at the rows.
	VerdictReview Verdict = "review"
	// VerdictEvidence means that there are the rows that are expected.
	VerdictEvidence Verdict = "evidence"
	// VerdictPass means that there are no rows, as expected.
	VerdictPass Verdict = "pass"
)

// Verdicts are all of them, the worst first.
func Verdicts() []Verdict {
	return []Verdict{VerdictFailed, VerdictFindings, VerdictMissing, VerdictIncomplete, VerdictReview, VerdictEvidence, VerdictPass}
}

// Report is what came out of a pack.
type Report struct {
	// Schema is the constant of that name.
	Schema string `json:"schema"`
	// Tool names the program and its version.
	Tool string `json:"tool,omitempty"`
	Pack Pack   `json:"pack"`
	// Catalogue is the SHA-256, in hex, of the pack and the SQL of its queries as they were
	// run: the same in two reports that asked the same.
	Catalogue string `json:"catalogue"`
	Period    Period `json:"period"`
	Store     Store  `json:"store"`
	// Coverage says what the store holds of the period, and what is missing.
	Coverage Coverage `json:"coverage"`
	// Counts account for every record that was read into the store.
	Counts   Counts   `json:"counts"`
	Activity Activity `json:"activity"`
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
	// Snapshot is the table's snapshot id, 0 for a store without data; Commit the number
	// of the commit that made it, and Committed its time.
	Snapshot  int64     `json:"snapshot"`
	Commit    int64     `json:"commit"`
	Committed time.Time `json:"committed,omitzero"`
	// Distinct says that events which were delivered several times were read once.
	Distinct bool `json:"distinctEvents,omitempty"`
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
	// DaysWithout are the whole days of the period, in its zone, up to the snapshot's commit,
	// without any.
	DaysWithout []string `json:"daysWithout"`
	// CompleteThrough is when the last log file that the store has was delivered, by its
	// name, to the minute; zero where no name tells.
	CompleteThrough time.Time `json:"completeThrough,omitzero"`
	// Filtered is how many records of the log files that Places count the store's selectors left
	// out: no query finds them.
	Filtered int64 `json:"filtered,omitempty"`
	// Repeated are those of the log files that Places count that the store had before, from another
	// place or with other content: the events of both are in it.
	Repeated Delivered `json:"repeated,omitzero"`
	// Gaps are what is missing of the period, so that no verdict is as good as without
	// them. Empty where nothing is known to be missing.
	Gaps []Gap `json:"gaps"`
	// Digests is what CloudTrail's digests say of the log files that Places count.
	Digests Digests `json:"digests"`
	// Places are the accounts and regions, in order, by the log files' names.
	Places []Place `json:"places"`
}

// Digests counts log files by what CloudTrail's digests say of them, as far as that was known
// to the commit that made the snapshot: what is learnt later is no part of it.
type Digests struct {
	// Verified are what valid digests name.
	Verified Delivered `json:"verified"`
	// Unverified are those that no valid digest has confirmed, or nobody has compared.
	Unverified Delivered `json:"unverified"`
	// Failed are not what valid digests name.
	Failed Delivered `json:"failed"`
	// Missing is the number of log files that valid digests name and that were not there to be
	// ingested. They are none of those that Places count.
	Missing int64 `json:"missing,omitempty"`
	// MissingDigests is the number of digests that the next ones name and that were not there, or
	// not valid. What they named may be missing without a trace.
	MissingDigests int64 `json:"missingDigests,omitempty"`
}

// Delivered counts log files and the records in them.
type Delivered struct {
	Objects int64 `json:"objects"`
	Records int64 `json:"records"`
}

func (d *Delivered) add(o Delivered) {
	d.Objects += o.Objects
	d.Records += o.Records
}

func (d *Digests) add(o Digests) {
	d.Verified.add(o.Verified)
	d.Unverified.add(o.Unverified)
	d.Failed.add(o.Failed)
	d.Missing += o.Missing
	d.MissingDigests += o.MissingDigests
}

// Gap is something that is missing of the period, or cannot be trusted.
type Gap struct {
	// Kind is one of the GapKinds.
	Kind GapKind `json:"kind"`
	// Account and Region say where; empty for everywhere.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Days are the days that it is about, in order; none where it is about none.
	Days []string `json:"days,omitempty"`
	// Text says it in a sentence without a full stop.
	Text string `json:"text"`
}

// GapKind tells gaps apart.
type GapKind string

// The kinds of gaps.
const (
	// GapNotOver means that the snapshot was made before the period was over.
	GapNotOver GapKind = "not-over"
	// GapEndsEarly means that the last delivery was well before the end of the period.
	GapEndsEarly GapKind = "ends-early"
	// GapNoEvents are days without any event in the whole store.
	GapNoEvents GapKind = "no-events"
	// GapNoDeliveries are days without a delivery of an account, or of one region of it,
	// where most days have one.
	GapNoDeliveries GapKind = "no-deliveries"
	// GapAwaited means that a schedule waited for deliveries that did not come in time.
	GapAwaited GapKind = "awaited"
	// GapModified means that log files are not what CloudTrail delivered, by its digests.
	GapModified GapKind = "modified"
	// GapMissingLogs means that log files that CloudTrail delivered, by its digests, were not
	// there to be ingested.
	GapMissingLogs GapKind = "missing-logs"
	// GapMissingDigests means that digests were not there, or not valid, so that log files which they
	// named may be missing without a trace.
	GapMissingDigests GapKind = "missing-digests"
	// GapUnreadable means that records were delivered and could not be read.
	GapUnreadable GapKind = "unreadable"
)

// Place is what there is of one account and region.
type Place struct {
	// Account and Region are those of the log files' names; where a name does not tell,
	// those of the events.
	Account string `json:"account"`
	Region  string `json:"region"`
	// Events are those of the period, and Days counts them by day.
	Events int64 `json:"events"`
	Days   []Day `json:"days"`
	// Objects may hold events of the period, as they were delivered in it or up to six hours later,
	// with Records, of which Filtered were left out by the store's selectors and Quarantined could
	// not be read.
	Objects     int64 `json:"objects"`
	Records     int64 `json:"records"`
	Filtered    int64 `json:"filtered"`
	Quarantined int64 `json:"quarantined"`
	// Repeated are those of Objects that the store had before.
	Repeated Delivered `json:"repeated,omitzero"`
	// Digests is what CloudTrail's digests say of Objects.
	Digests Digests `json:"digests"`
	// DeliveryDays is the number of the days, in UTC, that lie in the period for the most part
	// and have a delivery. SilentDays are those without, since the first delivery ever.
	DeliveryDays int      `json:"deliveryDays"`
	SilentDays   []string `json:"silentDays"`
	// MissingDays are those of SilentDays that are no usual ones: most days of their kind, of all or near them,
	// working days or days of weekends, have a delivery.
	MissingDays []string `json:"missingDays,omitempty"`
	// LastDelivery is as Coverage.CompleteThrough is, also after the period.
	LastDelivery time.Time `json:"lastDelivery,omitzero"`
}

// Counts reconcile: Records = Stored + Filtered + Quarantined, Stored = Events + Removed,
// and Period is the sum of the days, of the categories and of the places of the coverage.
type Counts struct {
	// Objects were read into the store until the snapshot, with Records.
	Objects     int64 `json:"objects"`
	Records     int64 `json:"records"`
	Stored      int64 `json:"stored"`
	Filtered    int64 `json:"filtered"`
	Quarantined int64 `json:"quarantined"`
	// Removed were stored and are no longer there, since their retention is over.
	Removed int64 `json:"removed"`
	// Events are in the snapshot, and Period of them in the period.
	Events int64 `json:"events"`
	Period int64 `json:"period"`
	// Reconcile says that all these sums are right.
	Reconcile bool `json:"reconcile"`
}

// Activity says who was active in the period.
type Activity struct {
	// Principals made the most calls, the most active first: at most ten. AWS services
	// are left out.
	Principals []Principal `json:"principals"`
	// Error says why that is not known; empty where it is.
	Error string `json:"error,omitempty"`
}

// Principal is who made calls: a user, a role for all its sessions, or what else the
// record tells.
type Principal struct {
	Name string `json:"name"`
	// Events are its events, of which Changes changed something and Errors were refused
	// or did not succeed.
	Events  int64 `json:"events"`
	Changes int64 `json:"changes"`
	Errors  int64 `json:"errors"`
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
	// Reason says why the verdict is failed, missing or incomplete; what failed and what is
	// missing under another verdict.
	Reason string `json:"reason,omitempty"`
	// Rows is the number of rows of all its queries.
	Rows int64 `json:"rows"`
	// Limited is set where one of its results is Limited: there may be more than Rows.
	Limited  bool   `json:"limited,omitempty"`
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
	// File is the file with all rows, in the folder of the report; empty where there is
	// none.
	File string `json:"file,omitempty"`
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
