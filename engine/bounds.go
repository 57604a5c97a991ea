package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/lake"
	"traillake/schema"
)

// bounder finds the time bounds of the stores of a statement.
type bounder struct {
	scratch Session
}

// bounds returns the range of event time that the statement can need of a store:
// the union over all places where it is read. Each place is bounded by the
// conditions of the SELECT directly above it that every row must meet.
func (b bounder) bounds(ctx context.Context, use *tableUse) (lake.TimeRange, error) {
	var all lake.TimeRange
	for i, ref := range use.uses {
		r, err := b.ref(ctx, ref)
		if err != nil {
			return all, err
		}
		if i > 0 {
			r = union(all, r)
		}
		all = r
	}
	return all, nil
}

func (b bounder) ref(ctx context.Context, ref tableRef) (lake.TimeRange, error) {
	var r lake.TimeRange
	s := ref.sel
	// A sample is taken before the condition; in other joins, leaving rows out
	// before the join gives other rows than leaving them out after it.
	if s == nil || s.sampled || s.oddJoins || s.renamed {
		return r, nil
	}
	for _, cond := range conjuncts(child(s.tree, "where_clause")) {
		if err := b.narrow(ctx, &r, ref, cond); err != nil {
			return r, err
		}
	}
	return r, nil
}

func conjuncts(n node) []node {
	if n == nil {
		return nil
	}
	if text(n, "type") != "CONJUNCTION_AND" {
		return []node{n}
	}
	var out []node
	for _, c := range list(n, "children") {
		if c, ok := c.(node); ok {
			out = append(out, conjuncts(c)...)
		}
	}
	return out
}

// flipped is the comparison with its sides exchanged.
var flipped = map[string]string{
	"COMPARE_EQUAL":                "COMPARE_EQUAL",
	"COMPARE_LESSTHAN":             "COMPARE_GREATERTHAN",
	"COMPARE_GREATERTHAN":          "COMPARE_LESSTHAN",
	"COMPARE_LESSTHANOREQUALTO":    "COMPARE_GREATERTHANOREQUALTO",
	"COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
}

func (b bounder) narrow(ctx context.Context, r *lake.TimeRange, ref tableRef, cond node) error {
	switch text(cond, "class") {
	case "COMPARISON":
		op, left, right := text(cond, "type"), child(cond, "left"), child(cond, "right")
		if !ref.isTime(left) {
			op, left, right = flipped[op], right, left
		}
		if !ref.isTime(left) {
			return nil
		}
		return b.compare(ctx, r, op, right)
	case "BETWEEN":
		if !ref.isTime(child(cond, "input")) {
			return nil
		}
		return errors.Join(
			b.compare(ctx, r, "COMPARE_GREATERTHANOREQUALTO", child(cond, "lower")),
			b.compare(ctx, r, "COMPARE_LESSTHANOREQUALTO", child(cond, "upper")))
	}
	return nil
}

// isTime says whether n is the event time of the table.
func (t tableRef) isTime(n node) bool {
	if text(n, "class") != "COLUMN_REF" {
		return false
	}
	var names []string
	for _, v := range list(n, "column_names") {
		s, _ := v.(string)
		names = append(names, strings.ToLower(s))
	}
	switch len(names) {
	case 1:
		// Unqualified, it can be another table's in a join that merges columns;
		// those are left out above, and all others would be ambiguous.
		return names[0] == schema.ColEventTime
	case 2:
		return names[0] == t.alias && names[1] == schema.ColEventTime
	default:
		return false
	}
}

// grain is the resolution of event time; ranges are half-open.
const grain = time.Microsecond

func (b bounder) compare(ctx context.Context, r *lake.TimeRange, op string, value node) error {
	ok, clock := constant(value)
	if !ok {
		return nil
	}
	v, ok, err := b.eval(ctx, value)
	if err != nil || !ok {
		return err
	}
	lower := func(t time.Time) {
		if r.From.IsZero() || t.After(r.From) {
			r.From = t
		}
	}
	upper := func(t time.Time) {
		if clock {
			return
		}
		if r.To.IsZero() || t.Before(r.To) {
			r.To = t
		}
	}
	switch op {
	case "COMPARE_EQUAL":
		lower(v)
		upper(v.Add(grain))
	case "COMPARE_GREATERTHAN":
		lower(v.Add(grain))
	case "COMPARE_GREATERTHANOREQUALTO":
		lower(v)
	case "COMPARE_LESSTHAN":
		upper(v)
	case "COMPARE_LESSTHANOREQUALTO":
		upper(v.Add(grain))
	}
	return nil
}

// boundFunctions may stand in a bound: they depend on their arguments alone. The
// functions that read the clock are not among them, see clockFunctions.
var boundFunctions = set("+", "-", "*", "/", "//", "trunc", "date_trunc", "datetrunc", "date_add", "date_sub", "datesub", "make_date", "make_timestamp",
	"strptime", "epoch_ms", "to_timestamp", "to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes",
	"to_seconds", "to_milliseconds", "to_microseconds", "timezone", "||", "concat", "last_day", "time_bucket")

// clockFunctions read the clock. The statement runs a moment later than its bounds
// are computed. So a bound that reads the clock may only grow with it, and only
// lower bounds are taken from it: then the range is a little too wide at most.
var (
	clockFunctions = set("now", "get_current_timestamp", "transaction_timestamp", "current_timestamp", "today",
		"current_date", "current_localtimestamp")
	growing = set("+", "-", "date_trunc", "datetrunc", "date_add")
)

// boundClasses are the expressions that may make up a bound.
var boundClasses = set("CONSTANT", "FUNCTION", "CAST", "OPERATOR")

// timeTypes are the types that compare with a timestamp by becoming one, without
// losing digits.
var timeTypes = set("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE", "VARCHAR")

// eval computes a constant expression; ok is false for one without a finite value.
func (b bounder) eval(ctx context.Context, expr node) (_ time.Time, ok bool, _ error) {
	sql, err := deserialize(ctx, b.scratch, selectOf(expr))
	if err != nil {
		return time.Time{}, false, err
	}
	row, err := one(ctx, b.scratch, "SELECT typeof(v), isfinite(CAST(v AS TIMESTAMP)), epoch_us(CAST(v AS TIMESTAMP)) FROM ("+sql+") AS t(v)")
	var bad *ExecError
	if errors.As(err, &bad) {
		return time.Time{}, false, nil // the statement will say what is wrong with it
	}
	if err != nil {
		return time.Time{}, false, err
	}
	if len(row) != 3 || !timeTypes[row[0]] || row[1] != "true" {
		return time.Time{}, false, nil
	}
	var us int64
	if _, err := fmt.Sscan(row[2], &us); err != nil {
		return time.Time{}, false, nil
	}
	return time.UnixMicro(us).UTC(), true, nil
}

// constant says whether an expression can be computed without any row; clock is set
// when it reads the clock.
func constant(v any) (ok, clock bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			o, c := constant(e)
			if !o {
				return false, false
			}
			clock = clock || c
		}
	case node:
		class, name := text(v, "class"), strings.ToLower(text(v, "function_name"))
		isClock := class == "FUNCTION" && clockFunctions[name]
		if class != "" && !boundClasses[class] || class == "FUNCTION" && !isClock && !boundFunctions[name] {
			return false, false
		}
		for _, e := range v {
			o, c := constant(e)
			if !o {
				return false, false
			}
			clock = clock || c
		}
		if clock && class == "FUNCTION" {
			if !growing[name] {
				return false, false
			}
			if args := list(v, "children"); name == "-" && len(args) == 2 {
				if _, c := constant(args[1]); c {
					return false, false
				}
			}
		}
		clock = clock || isClock
	}
	return true, clock
}

// selectOf returns the tree of SELECT expr.
func selectOf(expr node) node {
	return node{"error": false, "statements": []any{node{
		"named_param_map": []any{},
		"node": node{
			"type": "SELECT_NODE", "modifiers": []any{}, "cte_map": node{"map": []any{}},
			"select_list":       []any{expr},
			"from_table":        node{"type": "EMPTY", "alias": "", "sample": nil, "query_location": 0},
			"where_clause":      nil,
			"group_expressions": []any{}, "group_sets": []any{}, "aggregate_handling": "STANDARD_HANDLING",
			"having": nil, "sample": nil, "qualify": nil,
		},
	}}}
}

// deserialize turns a tree back into SQL.
func deserialize(ctx context.Context, s Session, tree any) (string, error) {
	b, err := json.Marshal(tree)
	if err != nil {
		return "", fmt.Errorf("write statement: %w", err)
	}
	row, err := one(ctx, s, "SELECT json_deserialize_sql("+quoteText(string(b))+")")
	if err != nil {
		return "", fmt.Errorf("write statement: %w", err)
	}
	if len(row) != 1 {
		return "", errors.New("BUG: json_deserialize_sql gave no row")
	}
	return row[0], nil
}

// one returns the first row of a query as text; nil when there is none.
func one(ctx context.Context, s Session, sql string) ([]string, error) {
	rows, err := table(ctx, s, sql)
	if len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// table returns the rows of a query as text.
func table(ctx context.Context, s Session, sql string) (out [][]string, err error) {
	rows, err := s.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for {
		b, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range int(b.NumRows()) {
			row := make([]string, b.NumCols())
			for k, c := range b.Columns() {
				row[k] = c.ValueStr(i)
				if s, ok := c.(*array.String); ok {
					row[k] = strings.Clone(s.Value(i))
				}
			}
			out = append(out, row)
		}
		b.Release()
	}
}
