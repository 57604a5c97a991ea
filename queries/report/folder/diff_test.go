package folder

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"traillake/queries/report"
)

// writeReport leaves a report as Diff reads it, with the rows of each result that has no error.
func writeReport(t *testing.T, r *report.Report, csv map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "queries"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.Schema = report.Schema
	for i := range r.Results {
		if r.Results[i].Error != "" {
			continue
		}
		r.Results[i].File = "queries/" + r.Results[i].ID + ".csv"
		r.Results[i].Columns = []report.Column{{Name: "who", Type: "varchar"}, {Name: "calls", Type: "bigint"}}
		if err := os.WriteFile(filepath.Join(dir, r.Results[i].File), []byte("\"who\",\"calls\"\n"+csv[r.Results[i].ID]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "report.json"), must(json.Marshal(r)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDiff compares reports whose rows stay, go, come and change.
func TestDiff(t *testing.T) {
	gaps := func(texts ...string) (c report.Coverage) {
		for _, text := range texts {
			c.Gaps = append(c.Gaps, report.Gap{Text: text})
		}
		return c
	}
	a := writeReport(t, &report.Report{Store: report.Store{Snapshot: 1}, Coverage: gaps("filled", "stays"), Controls: []report.Control{
		{ID: "1", Verdict: report.VerdictFindings, Rows: 5, Results: []string{"q"}}, {ID: "2", Verdict: report.VerdictPass}, {ID: "3", Verdict: report.VerdictReview, Rows: 1, Results: []string{"old"}},
	}, Results: []report.Result{{ID: "q"}, {ID: "old"}}},
		map[string]string{"q": "\"stays\",1\n\"stays\",1\n\"goes\",2\n\"changes\",3\n\"several\",1\n", "old": "\"x\",1\n"})
	b := writeReport(t, &report.Report{Store: report.Store{Snapshot: 2}, Coverage: gaps("stays", "opened"), Controls: []report.Control{
		{ID: "1", Verdict: report.VerdictFindings, Rows: 6, Results: []string{"q"}}, {ID: "2", Verdict: report.VerdictPass}, {ID: "4", Title: "Four", Verdict: report.VerdictPass},
	}, Results: []report.Result{{ID: "q"}}},
		map[string]string{"q": "\"stays\",1\n\"comes\",2\n\"changes\",4\n\"stays\",1\n\"several\",7\n\"several\",8\n"})
	got := string(must(json.Marshal(must(Diff(a, b)))))
	want := `{"header":[{"what":"snapshot","before":"1","after":"2"},{"what":"gap","before":"filled","after":""},{"what":"gap","before":"","after":"opened"}],` +
		`"controls":[{"id":"1","title":"","before":"findings","after":"findings","rowsBefore":5,"rowsAfter":6},{"id":"4","title":"Four","before":"","after":"pass","rowsBefore":0,"rowsAfter":0},{"id":"3","title":"","before":"review","after":"","rowsBefore":1,"rowsAfter":0}],` +
		`"rows":[{"result":"q","controls":["1"],"columns":["who","calls"],"new":[["comes","2"],["several","7"],["several","8"]],"gone":[["goes","2"],["several","1"]],"changed":[{"before":["changes","3"],"after":["changes","4"]}]},` +
		`{"result":"old","controls":["3"],"columns":["who","calls"],"new":[],"gone":[["x","1"]],"changed":[]}]}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if c := must(Diff(a, a)); !c.Empty() {
		t.Errorf("a report differs from itself: %+v", c)
	}
	if _, err := Diff(a, t.TempDir()); err == nil {
		t.Error("a folder without a report is compared")
	}
}

// TestDiffUnknown says that nothing is new or gone because a query failed, that limits are told,
// and that copies which one report counted are a difference.
func TestDiffUnknown(t *testing.T) {
	of := func(rows string, res report.Result, verdict report.Verdict) string {
		res.ID = "q"
		return writeReport(t, &report.Report{
			Controls: []report.Control{{ID: "1", Title: "One", Verdict: verdict, Rows: res.Count, Results: []string{"q"}}}, Results: []report.Result{res},
		}, map[string]string{"q": rows})
	}
	all := of("\"a\",1\n\"b\",1\n", report.Result{Count: 2}, report.VerdictFindings)
	failed := of("", report.Result{Count: 1, Error: "why"}, report.VerdictFindings)
	limited := of("\"a\",1\n", report.Result{Count: 1, Limited: true}, report.VerdictFindings)
	distinct := writeReport(t, &report.Report{Store: report.Store{Distinct: true}}, nil)
	none := writeReport(t, &report.Report{}, nil)
	const control, result = `{"header":[],"controls":[{"id":"1","title":"One","before":"findings","after":"findings",`, `"rows":[{"result":"q","controls":["1"],`
	for _, c := range []struct {
		what, a, b, want string
		empty            bool
	}{
		{"failed after", all, failed, control + `"rowsBefore":2,"rowsAfter":1,"failedAfter":true}],` + result + `"columns":[],"new":[],"gone":[],"changed":[],"failedAfter":true}]}`, false},
		{"failed before", failed, all, control + `"rowsBefore":1,"rowsAfter":2,"failedBefore":true}],` + result + `"columns":[],"new":[],"gone":[],"changed":[],"failedBefore":true}]}`, false},
		{"failed in both", failed, failed, control + `"rowsBefore":1,"rowsAfter":1,"failedBefore":true,"failedAfter":true}],` + result + `"columns":[],"new":[],"gone":[],"changed":[],"failedBefore":true,"failedAfter":true}]}`, false},
		{"limited before", limited, all, control + `"rowsBefore":1,"rowsAfter":2,"limitedBefore":true}],` + result + `"columns":["who","calls"],"new":[["b","1"]],"gone":[],"changed":[],"limitedBefore":true}]}`, false},
		{"limited in both", limited, limited, `{"header":[],"controls":[],` + result + `"columns":["who","calls"],"new":[],"gone":[],"changed":[],"limitedBefore":true,"limitedAfter":true}]}`, true},
		{"copies", none, distinct, `{"header":[{"what":"copies","before":"counted","after":"read once"}],"controls":[],"rows":[]}`, false},
	} {
		d := must(Diff(c.a, c.b))
		if got := string(must(json.Marshal(d))); got != c.want || d.Empty() != c.empty {
			t.Errorf("%s: empty is %v, got\n%s\nwant\n%s", c.what, d.Empty(), got, c.want)
		}
	}
	// A report whose rows were not left in files.
	r := must(Read(all))
	r.Results[0].File = ""
	if err := os.WriteFile(filepath.Join(none, "report.json"), must(json.Marshal(r)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Diff(none, all); err == nil || !strings.Contains(err.Error(), "its rows are in no file") {
		t.Error(err)
	}
}
