package folder

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"traillake/queries/report"
)

// Changes is what differs between two reports.
type Changes struct {
	// Header are the parts of what was looked at that differ: the period, the snapshot,
	// what was asked, the events.
	Header []Changed `json:"header"`
	// Controls are those that differ in verdict or number of rows, those that only one of
	// the reports has, and those of which a query failed in either.
	Controls []ControlChange `json:"controls"`
	// Rows are the rows that differ, by result. The results that are not compared, or not
	// to their ends, are there, too.
	Rows []RowChanges `json:"rows"`
}

// Changed is a value before and after.
type Changed struct {
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ControlChange is a control before and after. Where only one report has it, the other
// verdict is empty.
type ControlChange struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Before     report.Verdict `json:"before"`
	After      report.Verdict `json:"after"`
	RowsBefore int64          `json:"rowsBefore"`
	RowsAfter  int64          `json:"rowsAfter"`
	Unknown
}

// Unknown says what is not known of the rows of a result, or of any result of a control,
// before and after.
type Unknown struct {
	// FailedBefore and FailedAfter say that the query failed: numbers of rows, and rows,
	// are not compared.
	FailedBefore bool `json:"failedBefore,omitempty"`
	FailedAfter  bool `json:"failedAfter,omitempty"`
	// LimitedBefore and LimitedAfter say that the query's limit was reached: there may have
	// been more rows, which are not compared. What is new may be one of those before, and
	// what is gone one of those after.
	LimitedBefore bool `json:"limitedBefore,omitempty"`
	LimitedAfter  bool `json:"limitedAfter,omitempty"`
}

// Failed says that the query failed before or after.
func (u Unknown) Failed() bool { return u.FailedBefore || u.FailedAfter }

// Limited says that its limit was reached before or after.
func (u Unknown) Limited() bool { return u.LimitedBefore || u.LimitedAfter }

// RowChanges are the rows of a result that are new, gone, or changed: of the same texts,
// with other numbers and times.
type RowChanges struct {
	// Result is its id, and Controls are the ids of those that it belongs to.
	Result   string     `json:"result"`
	Controls []string   `json:"controls"`
	Columns  []string   `json:"columns"`
	New      [][]string `json:"new"`
	Gone     [][]string `json:"gone"`
	Changed  []RowPair  `json:"changed"`
	Unknown
}

// Differ says that there are rows that differ.
func (c *RowChanges) Differ() bool { return len(c.New)+len(c.Gone)+len(c.Changed) > 0 }

// RowPair is a row before and after.
type RowPair struct {
	Before []string `json:"before"`
	After  []string `json:"after"`
}

// Empty says that nothing differs, of what is in both reports: no query failed in one of them,
// and rows beyond limits are of no account.
func (c *Changes) Empty() bool {
	return len(c.Header)+len(c.Controls) == 0 && !slices.ContainsFunc(c.Rows, func(r RowChanges) bool { return r.Differ() || r.Failed() })
}

// Diff compares the reports of two folders, the earlier one first. It reads report.json and
// the CSV files; Verify says whether these are as they were written.
func Diff(before, after string) (*Changes, error) {
	a, err := Read(before)
	if err != nil {
		return nil, err
	}
	b, err := Read(after)
	if err != nil {
		return nil, err
	}
	c := &Changes{Header: []Changed{}, Controls: controlChanges(a, b), Rows: []RowChanges{}}
	for _, h := range []Changed{
		{"pack", a.Pack.Name, b.Pack.Name},
		{"catalogue", a.Catalogue, b.Catalogue},
		{"period", periodText(a.Period), periodText(b.Period)},
		{"store", a.Store.ID, b.Store.ID},
		{"copies", copiesText(a.Store), copiesText(b.Store)},
		{"snapshot", fmt.Sprint(a.Store.Snapshot), fmt.Sprint(b.Store.Snapshot)},
		{"events", fmt.Sprint(a.Coverage.Events), fmt.Sprint(b.Coverage.Events)},
		{"tool", a.Tool, b.Tool},
	} {
		if h.Before != h.After {
			c.Header = append(c.Header, h)
		}
	}
	for _, g := range without(gapTexts(a), gapTexts(b)) {
		c.Header = append(c.Header, Changed{What: "gap", Before: g})
	}
	for _, g := range without(gapTexts(b), gapTexts(a)) {
		c.Header = append(c.Header, Changed{What: "gap", After: g})
	}
	for _, id := range resultIDs(a, b) {
		rows, err := rowChanges(before, after, a.Result(id), b.Result(id))
		if err != nil {
			return nil, fmt.Errorf("compare %s and %s: %s: %w", before, after, id, err)
		}
		if rows.Differ() || rows.Failed() || rows.Limited() {
			rows.Result, rows.Controls = id, controlsOf(a, b, id)
			c.Rows = append(c.Rows, *rows)
		}
	}
	return c, nil
}

// Read reads the report of a folder.
func Read(dir string) (*report.Report, error) {
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	r := &report.Report{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("read report %s: %w", dir, err)
	}
	if r.Schema != report.Schema {
		return nil, fmt.Errorf("read report %s: it is of the form %q, and this version reads %s", dir, r.Schema, report.Schema)
	}
	return r, nil
}

func periodText(p report.Period) string {
	const layout = "2006-01-02T15:04:05Z"
	return p.Since.UTC().Format(layout) + "/" + p.Until.UTC().Format(layout)
}

func copiesText(s report.Store) string {
	if s.Distinct {
		return "read once"
	}
	return "counted"
}

func gapTexts(r *report.Report) (list []string) {
	for _, g := range r.Coverage.Gaps {
		list = append(list, g.Text)
	}
	return list
}

// without returns what is in list and not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(list, func(text string) bool { return slices.Contains(other, text) })
}

func controlChanges(a, b *report.Report) []ControlChange {
	list := []ControlChange{}
	before := map[string]report.Control{}
	for _, c := range a.Controls {
		before[c.ID] = c
	}
	for _, c := range b.Controls {
		was, ok := before[c.ID]
		delete(before, c.ID)
		u := unknown(results(a, was), results(b, c))
		if !ok || was.Verdict != c.Verdict || was.Rows != c.Rows || u.Failed() || u.LimitedBefore != u.LimitedAfter {
			list = append(list, ControlChange{c.ID, c.Title, was.Verdict, c.Verdict, was.Rows, c.Rows, u})
		}
	}
	for _, c := range a.Controls {
		if _, ok := before[c.ID]; ok {
			list = append(list, ControlChange{ID: c.ID, Title: c.Title, Before: c.Verdict, RowsBefore: c.Rows, Unknown: unknown(results(a, c), nil)})
		}
	}
	return list
}

// results are those of a control.
func results(r *report.Report, c report.Control) (list []*report.Result) {
	for _, id := range c.Results {
		list = append(list, r.Result(id))
	}
	return list
}

// unknown reads what is not known of results before and after; nil is one that there is not.
func unknown(before, after []*report.Result) Unknown {
	failed := func(r *report.Result) bool { return r != nil && r.Error != "" }
	limited := func(r *report.Result) bool { return r != nil && r.Limited }
	return Unknown{slices.ContainsFunc(before, failed), slices.ContainsFunc(after, failed),
		slices.ContainsFunc(before, limited), slices.ContainsFunc(after, limited)}
}

// resultIDs are the results of both reports in their order, those of the later one first.
func resultIDs(a, b *report.Report) []string {
	var ids []string
	for _, r := range [][]report.Result{b.Results, a.Results} {
		for _, res := range r {
			if !slices.Contains(ids, res.ID) {
				ids = append(ids, res.ID)
			}
		}
	}
	return ids
}

func controlsOf(a, b *report.Report, id string) []string {
	list := []string{}
	for _, r := range []*report.Report{b, a} {
		for _, c := range r.Controls {
			if slices.Contains(c.Results, id) && !slices.Contains(list, c.ID) {
				list = append(list, c.ID)
			}
		}
	}
	return list
}

// rowChanges compares the rows of a result, as often as each is there. Where its query failed
// there are none to compare.
func rowChanges(before, after string, a, b *report.Result) (*RowChanges, error) {
	c := &RowChanges{Columns: []string{}, New: [][]string{}, Gone: [][]string{}, Changed: []RowPair{},
		Unknown: unknown([]*report.Result{a}, []*report.Result{b})}
	if c.Failed() {
		return c, nil
	}
	was, err := readRows(before, a)
	if err != nil {
		return nil, err
	}
	is, err := readRows(after, b)
	if err != nil {
		return nil, err
	}
	columns := a
	if b != nil {
		columns = b
	}
	for _, col := range columns.Columns {
		c.Columns = append(c.Columns, col.Name)
	}
	left := map[string]int{}
	for _, row := range was {
		left[key(row)]++
	}
	for _, row := range is {
		if left[key(row)] > 0 {
			left[key(row)]--
		} else {
			c.New = append(c.New, row)
		}
	}
	for _, row := range slices.Backward(was) { // the later of equal ones are those that are gone
		if left[key(row)] > 0 {
			left[key(row)]--
			c.Gone = append(c.Gone, row)
		}
	}
	slices.Reverse(c.Gone)
	if a != nil && b != nil && slices.Equal(a.Columns, b.Columns) {
		c.pair(b.Columns)
	}
	return c, nil
}

// pair makes of a row that is gone and one that is new a changed one, where no other has
// the same texts.
func (c *RowChanges) pair(columns []report.Column) {
	texts := func(row []string) string {
		var parts []string
		for i, col := range columns {
			if strings.HasPrefix(col.Type, "varchar") && i < len(row) {
				parts = append(parts, row[i])
			}
		}
		return key(parts)
	}
	gone, fresh := map[string][]int{}, map[string][]int{}
	for i, row := range c.Gone {
		gone[texts(row)] = append(gone[texts(row)], i)
	}
	for i, row := range c.New {
		fresh[texts(row)] = append(fresh[texts(row)], i)
	}
	paired := map[int]bool{}
	var rest [][]string
	for _, row := range c.New {
		k := texts(row)
		if len(fresh[k]) == 1 && len(gone[k]) == 1 {
			paired[gone[k][0]] = true
			c.Changed = append(c.Changed, RowPair{c.Gone[gone[k][0]], row})
		} else {
			rest = append(rest, row)
		}
	}
	var left [][]string
	for i, row := range c.Gone {
		if !paired[i] {
			left = append(left, row)
		}
	}
	c.New, c.Gone = append([][]string{}, rest...), append([][]string{}, left...)
}

func key(row []string) string { return strings.Join(row, "\x00") }

// readRows reads all rows of a result; none of a result that there is not.
func readRows(dir string, res *report.Result) (_ [][]string, err error) {
	if res == nil {
		return nil, nil
	}
	if res.File == "" {
		return nil, errors.New("its rows are in no file; give folders that 'report run --to' left")
	}
	if !filepath.IsLocal(filepath.FromSlash(res.File)) {
		return nil, fmt.Errorf("its file %q lies elsewhere", res.File)
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(res.File)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil && err != io.EOF { // the names
		return nil, err
	}
	return r.ReadAll()
}
