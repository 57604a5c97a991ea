package folder

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"traillake/queries/report"
)

// TestDiff compares reports whose rows stay, go, come and change.
func TestDiff(t *testing.T) {
	write := func(name string, r *report.Report, csv map[string]string) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), name)
		if err := os.MkdirAll(filepath.Join(dir, "queries"), 0o700); err != nil {
			t.Fatal(err)
		}
		r.Schema = report.Schema
		for i := range r.Results {
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
	gaps := func(texts ...string) (c report.Coverage) {
		for _, text := range texts {
			c.Gaps = append(c.Gaps, report.Gap{Text: text})
		}
		return c
	}
	a := write("a", &report.Report{Store: report.Store{Snapshot: 1}, Coverage: gaps("filled", "stays"), Controls: []report.Control{
		{ID: "1", Verdict: report.VerdictFindings, Rows: 5, Results: []string{"q"}}, {ID: "2", Verdict: report.VerdictPass}, {ID: "3", Verdict: report.VerdictReview, Rows: 1, Results: []string{"old"}},
	}, Results: []report.Result{{ID: "q"}, {ID: "old"}}},
		map[string]string{"q": "\"stays\",1\n\"stays\",1\n\"goes\",2\n\"changes\",3\n\"several\",1\n", "old": "\"x\",1\n"})
	b := write("b", &report.Report{Store: report.Store{Snapshot: 2}, Coverage: gaps("stays", "opened"), Controls: []report.Control{
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
