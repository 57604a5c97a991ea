package sigma_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/lake"
	"traillake/queries"
	"traillake/queries/sigma"
)

// now is when the queries run.
var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

const source = `logsource: {product: aws, service: cloudtrail}
`

const listing = `title: Somebody lists
name: lists
` + source + `detection:
  selection: {eventName|startswith: List}
  condition: selection
---
title: Somebody creates
name: creates
` + source + `detection:
  selection: {eventName|startswith: Create}
  condition: selection
---
`

// TestCorrelations compares what correlations find with a search in every stretch of time
// that ends with an event.
func TestCorrelations(t *testing.T) {
	type event struct {
		at             time.Time
		name, user, ip string
	}
	g := rand.New(rand.NewPCG(*seed, 2))
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var events []event
	var bodies []map[string]any
	for range 300 {
		e := event{start.Add(time.Duration(g.IntN(3*60)) * time.Minute), []string{"ListUsers", "ListRoles", "CreateUser"}[g.IntN(3)],
			[]string{"anna", "bert", "carl"}[g.IntN(3)*g.IntN(2)], []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", ""}[g.IntN(4)]}
		events = append(events, e)
		body := map[string]any{"eventTime": e.at.Format(time.RFC3339), "eventName": e.name, "userIdentity": map[string]any{"userName": e.user}}
		if e.ip != "" {
			body["sourceIPAddress"] = e.ip
		}
		bodies = append(bodies, body)
	}
	r := newRecords(t, bodies)
	lists := func(e event) bool { return strings.HasPrefix(e.name, "List") }
	for _, tc := range []struct {
		name, rules string
		group       func(event) string // the texts of a row's keys; nil for none
		counts      func(event) string // what is counted; "" leaves the event out
		span        time.Duration
		atLeast     int
	}{
		{"events of a user", "correlation: {type: event_count, rules: [lists], group-by: [userIdentity.userName], timespan: 10m, condition: {gte: 6}}",
			func(e event) string { return e.user }, func(e event) string { return map[bool]string{true: "each"}[lists(e)] }, 10 * time.Minute, 6},
		{"more than", "correlation: {type: event_count, rules: lists, group-by: userIdentity.userName, timespan: 600s, condition: {gt: 6}}",
			func(e event) string { return e.user }, func(e event) string { return map[bool]string{true: "each"}[lists(e)] }, 10 * time.Minute, 7},
		{"all events", "correlation: {type: event_count, rules: [lists, creates], timespan: 1h, condition: {gte: 90}}",
			nil, func(event) string { return "each" }, time.Hour, 90},
		{"addresses of a user", "correlation: {type: value_count, rules: [lists], group-by: [userIdentity.userName], timespan: 5m, condition: {gte: 3, field: sourceIPAddress}}",
			func(e event) string { return e.user }, func(e event) string { return map[bool]string{true: e.ip}[lists(e)] }, 5 * time.Minute, 3},
		{"addresses", "correlation: {type: value_count, rules: [lists], timespan: 2m, condition: {gt: 2, field: sourceIPAddress}}",
			nil, func(e event) string { return map[bool]string{true: e.ip}[lists(e)] }, 2 * time.Minute, 3},
		{"both rules", "correlation: {type: temporal, rules: [lists, creates], group-by: [userIdentity.userName, who], timespan: 1m, aliases: {who: {lists: sourceIPAddress, creates: sourceIPAddress}}}",
			func(e event) string { return e.user + " " + e.ip }, func(e event) string { return e.name[:4] }, time.Minute, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, errs := sigma.Convert([]sigma.File{{Name: "rules.yml", Text: []byte(listing + "title: Many\n" + tc.rules)}})
			if len(errs) > 0 || len(found) == 0 {
				t.Fatalf("%d queries, %v", len(found), errs)
			}
			var want []string
			peaks := map[string][]int{} // group → highest count, first and last minute
			for _, end := range events {
				if tc.counts(end) == "" {
					continue
				}
				group := ""
				if tc.group != nil {
					group = tc.group(end)
				}
				n, values := 0, map[string]bool{}
				for _, e := range events {
					if v := tc.counts(e); v != "" && !e.at.After(end.at) && !e.at.Before(end.at.Add(-tc.span)) && (tc.group == nil || tc.group(e) == group) {
						n++
						values[v] = true
					}
				}
				if !values["each"] {
					n = len(values)
				}
				if n < tc.atLeast {
					continue
				}
				minute := int(end.at.Sub(start) / time.Minute)
				p, ok := peaks[group]
				if !ok {
					p = []int{0, minute, minute}
				}
				peaks[group] = []int{max(p[0], n), min(p[1], minute), max(p[2], minute)}
			}
			for group, p := range peaks {
				at := func(minute int) string {
					return start.Add(time.Duration(minute) * time.Minute).Format("2006-01-02T15:04:05")
				}
				want = append(want, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", group, p[0], at(p[1]), at(p[2]))))
			}
			slices.Sort(want)
			if len(want) == 0 {
				t.Fatal("nothing to find")
			}
			if got := r.run(t, found[len(found)-1]); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), found[len(found)-1].Text)
			}
		})
	}
}

// TestRefusedCorrelation wants the rules of a correlation that is refused, be it for the name of its query
// only, to make queries of their own.
func TestRefusedCorrelation(t *testing.T) {
	many := func(rule string) string {
		return "title: Many\ncorrelation: {type: event_count, rules: [" + rule + "], timespan: 10m, condition: {gte: 6}}\n"
	}
	found, errs := sigma.Convert([]sigma.File{{Name: "rules.yml", Text: []byte(listing + many("lists") + "---\n" + many("creates"))}})
	var names []string
	for _, q := range found {
		names = append(names, q.Name)
	}
	if want := []string{"sigma-creates", "sigma-many"}; !slices.Equal(names, want) {
		t.Errorf("queries %q, want %q", names, want)
	}
	if len(errs) != 1 || !strings.Contains(errs[0].Reason, "its query would be called sigma-many") {
		t.Errorf("errors %v", errs)
	}
}

// run runs a saved query and returns its rows, with blanks between the values.
func (r *records) run(t *testing.T, q sigma.Query) []string {
	t.Helper()
	parsed, err := queries.Parse(q.Name+".sql", q.Text)
	if err != nil {
		t.Fatal(err)
	}
	values, err := parsed.Values(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range r.rows(t, engine.Request{SQL: parsed.SQL, Params: values, Store: lake.DefaultStore}) {
		text := strings.ReplaceAll(strings.Join(row, " "), "(null)", "")
		rows = append(rows, text)
	}
	slices.Sort(rows)
	return rows
}
