package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is what a notice tells: plain data, the same for all ways of sending it. It
// holds counts and places, and no event. Its JSON form is what a webhook is given; fields
// may be added to it, none is renamed or removed.
type Message struct {
	// Schema is MessageSchema.
	Schema string `json:"schema"`
	// ID is the same whenever the notice of a run is repeated.
	ID       string    `json:"id"`
	Schedule string    `json:"schedule"`
	Due      time.Time `json:"due"`
	// Outcome is reported or failed.
	Outcome State `json:"outcome"`
	// Report names the pack or saved query, Title is its own.
	Report string `json:"report"`
	Title  string `json:"title,omitempty"`
	// Period is what was looked at, since ≤ t < until; nil for a run that failed.
	Period *Span `json:"period,omitempty"`
	// Changed says that the findings, or what is missing, are not those of the report before.
	Changed bool `json:"changed"`
	// Verdicts counts the controls by verdict.
	Verdicts map[string]int `json:"verdicts,omitempty"`
	// Incomplete says what data was missing or cannot be trusted.
	Incomplete string `json:"incomplete,omitempty"`
	// Error says why the last attempt failed, and Attempts how many there were.
	Error    string `json:"error,omitempty"`
	Attempts int    `json:"attempts"`
	// Summary is for people, line by line.
	Summary []string `json:"summary"`
	// Link leads to the report.
	Link string `json:"link,omitempty"`
}

// MessageSchema is the version of the JSON form of a Message.
const MessageSchema = "traillake.notice/1"

// Message returns what is to be told about a run that has come to its end.
func (r Run) Message(d *Definition) Message {
	m := Message{
		Schema: MessageSchema, ID: r.Schedule + "/" + Key(r.Due), Schedule: r.Schedule, Due: r.Due.UTC(), Outcome: r.State,
		Report: d.Report, Changed: r.Changed, Attempts: len(r.Attempts), Summary: []string{},
	}
	if r.State == StateFailed {
		m.Error = r.LastError()
		m.Summary = append(m.Summary, r.failure(d))
		if len(r.Delivered) > 0 {
			m.Link = r.Delivered[0]
			if d.Link != "" && m.Link == (Job{Definition: *d, Due: r.Due}).Place(d.To[0]) {
				m.Link = r.link(d)
			}
		}
		return m
	}
	if made := r.Made; made != nil {
		m.Title, m.Verdicts, m.Incomplete = made.Title, made.Verdicts, made.Incomplete
		m.Period = &Span{Since: made.Since, Until: made.Until}
		m.Summary = append(m.Summary, made.Lines...)
		if len(made.Locations) > 0 {
			m.Link = made.Locations[0]
			if d.Link != "" {
				m.Link = r.link(d)
			}
		}
	}
	return m
}

// link is where people find the report in the first place of the definition.
func (r Run) link(d *Definition) string {
	return Job{Definition: *d, Due: r.Due}.Place(d.Link) + "/index.html"
}

// failure says what there is of the report of a run that failed.
func (r Run) failure(d *Definition) string {
	if len(r.Delivered) == 0 {
		return fmt.Sprintf("No report was made: %d attempts failed.", len(r.Attempts))
	}
	text := "The report is in " + strings.Join(r.Delivered, " and ")
	var missing []string
	for _, to := range d.To {
		if name := (Job{Definition: *d, Due: r.Due}).Place(to); !slices.Contains(r.Delivered, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		text += ", and not in " + strings.Join(missing, " and ")
	}
	return fmt.Sprintf("%s: %d attempts failed.", text, len(r.Attempts))
}

// Subject is the message on one line.
func (m Message) Subject() string {
	name := m.Title
	if name == "" {
		name = m.Report
	}
	return strings.Join(strings.Fields(fmt.Sprintf("Traillake: %s, %s: %s", m.Schedule, name, m.headline())), " ")
}

// headline says what came out in a few words.
func (m Message) headline() string {
	if m.Outcome == StateFailed {
		return "FAILED"
	}
	var parts []string
	for _, v := range []string{"failed", "findings", "missing", "incomplete", "review"} {
		if n := m.Verdicts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(parts) == 0 {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}

// Text is the message for people who read it as plain text.
func (m Message) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nSchedule %s, due %s.\n", m.Subject(), m.Schedule, m.Due.Format("2006-01-02 15:04 UTC"))
	if m.Period != nil {
		fmt.Fprintf(&b, "Period: %s to %s (not included).\n", m.Period.Since.Format("2006-01-02 15:04"), m.Period.Until.Format("2006-01-02 15:04 UTC"))
	}
	for _, line := range m.Summary {
		fmt.Fprintln(&b, line)
	}
	if m.Incomplete != "" {
		fmt.Fprintf(&b, "Data is missing or cannot be trusted: %s.\n", strings.TrimSuffix(m.Incomplete, "."))
	}
	if m.Error != "" {
		fmt.Fprintf(&b, "The last attempt: %s\n", m.Error)
	}
	if m.Link != "" {
		fmt.Fprintf(&b, "\n%s\n", m.Link)
	}
	return b.String()
}
