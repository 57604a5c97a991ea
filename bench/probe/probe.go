// Package probe runs a few fixed queries over a lake, each in a process of its own, as a
// user would, and measures them: what a store costs its readers, from the start of the
// program to its end.
package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"traillake/bench/cost"
	"traillake/bench/result"
)

// Command makes a process that runs the program with the given arguments.
type Command func(ctx context.Context, args ...string) *exec.Cmd

// Query is one of the queries.
type Query struct {
	// Name is for tables, Class says how its time grows: needle, range or full.
	Name, Class string
	Title       string
	SQL         string
}

// Task describes the query for a document.
func (q Query) Task(systems ...string) result.Task {
	return result.Task{Name: q.Name, Group: q.Class, Title: q.Title, Texts: []result.TaskText{{Systems: systems, Text: q.SQL}}}
}

// The classes of queries.
const (
	// Needle finds one thing among all.
	Needle = "needle"
	// Range reads an hour.
	Range = "range"
	// Full reads some columns of everything.
	Full = "full"
)

// Queries are those for the store events of a lake that is not empty: the event and the hour
// are in the middle of it.
func Queries(ctx context.Context, command Command, lake string) ([]Query, error) {
	var rows []struct {
		ID    string `json:"id"`
		Key   string `json:"k"`
		First string `json:"a"`
		Last  string `json:"b"`
	}
	// Ids are random, so the smallest of them is that of any event.
	p, err := cost.Run(command(ctx, "query", "--lake", lake, "--format", "json",
		"SELECT min(eventID) AS id, min_by(userIdentity.accessKeyId, eventID) FILTER (WHERE userIdentity.accessKeyId IS NOT NULL) AS k,"+
			" format_datetime(min(eventTime), 'yyyy-MM-dd HH:mm:ss') AS a, format_datetime(max(eventTime), 'yyyy-MM-dd HH:mm:ss') AS b FROM events"))
	if err != nil {
		return nil, fmt.Errorf("look for what to query: %w", err)
	}
	if err := json.Unmarshal(p.Stdout, &rows); err != nil || len(rows) != 1 || rows[0].ID == "" || rows[0].Key == "" {
		return nil, fmt.Errorf("look for what to query: %q is no answer: too few events, perhaps: %w", p.Stdout, err)
	}
	first, err := time.Parse(time.DateTime, rows[0].First)
	if err != nil {
		return nil, err
	}
	last, err := time.Parse(time.DateTime, rows[0].Last)
	if err != nil {
		return nil, err
	}
	hour := first.Add(last.Sub(first) / 2).Truncate(time.Hour)
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return []Query{
		{"event-by-id", Needle, "One event by its id", "SELECT * FROM events WHERE eventID = " + quote(rows[0].ID)},
		{"calls-of-key", Needle, "What an access key did", "SELECT eventTime, eventSource, eventName, sourceIPAddress FROM events WHERE userIdentity.accessKeyId = " +
			quote(rows[0].Key) + " ORDER BY eventTime, eventID LIMIT 1000"},
		{"one-hour", Range, "What happened in an hour", fmt.Sprintf("SELECT eventTime, eventSource, eventName, userIdentity.arn FROM events"+
			" WHERE eventTime >= timestamp '%s' AND eventTime < timestamp '%s' ORDER BY eventTime, eventID LIMIT 1000",
			hour.Format(time.DateTime), hour.Add(time.Hour).Format(time.DateTime))},
		{"by-service", Full, "Calls by service and name", "SELECT eventSource, eventName, count(*) AS calls, count(DISTINCT sourceIPAddress) AS addresses FROM events" +
			" GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50"},
		{"callers", Full, "Who calls from where", "SELECT userIdentity.arn, sourceIPAddress, count(*) AS calls, max(eventTime) AS last FROM events" +
			" GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50"},
	}, nil
}

// Run runs a query, and returns what it cost and printed.
func Run(ctx context.Context, command Command, lake string, q Query) (*cost.Process, error) {
	p, err := cost.Run(command(ctx, "query", "--lake", lake, "--format", "csv", q.SQL))
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Name, err)
	}
	return p, nil
}

// Measures are those of processes that did the same.
func Measures(runs []*cost.Process) []result.Measure {
	var wall, cpu, peak []float64
	for _, p := range runs {
		wall, cpu, peak = append(wall, p.Wall.Seconds()), append(cpu, p.CPU.Seconds()), append(peak, float64(p.Peak))
	}
	list := []result.Measure{
		result.NewMeasure(result.Wall, result.Seconds, result.Lower, wall...),
		result.NewMeasure(result.CPU, result.Seconds, result.Lower, cpu...),
	}
	if len(peak) > 0 && peak[0] > 0 {
		list = append(list, result.NewMeasure(result.Peak, result.Bytes, result.Lower, peak...))
	}
	return list
}
