package dialect

import (
	"strings"
	"testing"
)

// resolve resolves a call whose arguments are types, separated by semicolons.
func resolve(t *testing.T, name, types string) (*Resolution, error) {
	t.Helper()
	var args []Arg
	for _, s := range strings.Split(types, ";") {
		if s = strings.TrimSpace(s); s != "" {
			args = append(args, Arg{Type: MustType(s)})
		}
	}
	return Resolve(name, args)
}

func TestResolve(t *testing.T) {
	f := func(name, types, want string) {
		t.Helper()
		r, err := resolve(t, name, types)
		if err != nil {
			t.Errorf("%s(%s): %v", name, types, err)
			return
		}
		parts := make([]string, len(r.Params))
		for i, p := range r.Params {
			parts[i] = p.String()
		}
		if got := "(" + strings.Join(parts, "; ") + ") " + r.Result.String(); got != want {
			t.Errorf("%s(%s) = %s, want %s", name, types, got, want)
		}
	}
	f("lower", "varchar(5)", "(varchar(5)) varchar(5)")
	f("LENGTH", "varchar", "(varchar) bigint")
	f("abs", "integer", "(integer) integer")
	f("abs", "decimal(5,2)", "(decimal(5,2)) decimal(5,2)")
	f("sqrt", "integer", "(double) double")
	f("concat", "varchar; varchar(3); unknown", "(varchar; varchar(3); varchar) varchar")
	f("concat", "array(integer); integer", "(array(integer); integer) array(integer)")
	f("concat", "array(integer); array(bigint)", "(array(bigint); array(bigint)) array(bigint)")
	f("element_at", "map(varchar,varchar); varchar(3)", "(map(varchar, varchar); varchar) varchar")
	f("element_at", "array(row(a bigint)); integer", "(array(row(a bigint)); bigint) row(a bigint)")
	f("contains", "array(varchar); varchar(3)", "(array(varchar); varchar) boolean")
	f("contains", "varchar(10); ipaddress", "(varchar(10); ipaddress) boolean")
	f("date_trunc", "varchar(3); date", "(varchar(3); date) date")
	f("date_trunc", "varchar(3); timestamp(6)", "(varchar(3); timestamp(6)) timestamp(6)")
	f("date_add", "varchar(3); integer; timestamp(3) with time zone", "(varchar(3); bigint; timestamp(3) with time zone) timestamp(3) with time zone")
	f("date_diff", "varchar(3); date; timestamp(3)", "(varchar(3); timestamp(0); timestamp(3)) bigint")
	f("year", "date", "(date) bigint")
	f("greatest", "integer; unknown; bigint", "(bigint; bigint; bigint) bigint")
	f("sum", "integer", "(bigint) bigint")
	f("sum", "decimal(5,2)", "(decimal(5,2)) decimal(38,2)")
	f("avg", "integer", "(bigint) double")
	f("avg", "decimal(5,2)", "(decimal(5,2)) decimal(5,2)")
	f("count", "", "() bigint")
	f("map_agg", "varchar; bigint", "(varchar; bigint) map(varchar, bigint)")
	f("max_by", "varchar; timestamp(3)", "(varchar; timestamp(3)) varchar")
}

func TestResolveErrors(t *testing.T) {
	f := func(name, types, code, part string) {
		t.Helper()
		_, err := resolve(t, name, types)
		e, ok := err.(*FunctionError)
		if !ok || e.Code != code || !strings.Contains(e.Message, part) {
			t.Errorf("%s(%s): %v, want %s … %s", name, types, err, code, part)
		}
	}
	f("elment_at", "bigint", "FUNCTION_NOT_FOUND", "Did you mean 'element_at'?")
	f("read_csv", "varchar", "FUNCTION_NOT_FOUND", "Function 'read_csv' not registered")
	f("length", "bigint", "FUNCTION_NOT_FOUND", "Unexpected parameters (bigint) for function length. Expected: length(varchar), length(varbinary)")
	f("approx_set", "bigint", "NOT_SUPPORTED", "sketches")
	f("array_max", "array(map(varchar,varchar))", "FUNCTION_NOT_FOUND", "Unexpected parameters")
}

func TestResolveLambdas(t *testing.T) {
	same := func(i int) func([]*Type) (*Type, error) {
		return func(p []*Type) (*Type, error) { return p[i], nil }
	}
	always := func(x *Type) func([]*Type) (*Type, error) {
		return func([]*Type) (*Type, error) { return x, nil }
	}
	r, err := Resolve("transform", []Arg{{Type: ArrayOf(Bigint)}, {Params: 1, Body: always(Varchar)}})
	if err != nil || r.Result.String() != "array(varchar)" {
		t.Errorf("transform: %v %v", r, err)
	}
	// The state grows to what the step gives.
	r, err = Resolve("reduce", []Arg{{Type: ArrayOf(Bigint)}, {Type: Integer}, {Params: 2, Body: same(1)}, {Params: 1, Body: same(0)}})
	if err != nil || r.Result.String() != "bigint" || r.Params[1].String() != "bigint" {
		t.Errorf("reduce: %v %v", r, err)
	}
	if _, err = Resolve("filter", []Arg{{Type: ArrayOf(Bigint)}, {Params: 1, Body: always(Bigint)}}); err == nil {
		t.Error("filter takes a lambda that gives no boolean")
	}
}

func TestCommonType(t *testing.T) {
	f := func(a, b, want string) {
		t.Helper()
		for _, p := range [][2]string{{a, b}, {b, a}} {
			c, ok := CommonType(MustType(p[0]), MustType(p[1]))
			got := "none"
			if ok {
				got = c.String()
			}
			if got != want {
				t.Errorf("%s and %s: %s, want %s", p[0], p[1], got, want)
			}
		}
	}
	f("integer", "bigint", "bigint")
	f("bigint", "double", "double")
	f("bigint", "real", "real")
	f("integer", "decimal(5,2)", "decimal(12,2)")
	f("decimal(38,0)", "decimal(38,38)", "decimal(38,38)")
	f("varchar(3)", "varchar(5)", "varchar(5)")
	f("varchar", "varchar(5)", "varchar")
	f("varchar", "bigint", "none")
	f("varchar", "boolean", "none")
	f("date", "timestamp(3)", "timestamp(3)")
	f("timestamp(3)", "timestamp(6) with time zone", "timestamp(6) with time zone")
	f("timestamp(3)", "varchar", "none")
	f("array(integer)", "array(double)", "array(double)")
	f("row(a integer, b varchar)", "row(a bigint, c varchar)", "row(a bigint, varchar)")
	f("map(varchar,unknown)", "map(varchar,bigint)", "map(varchar, bigint)")
	f("unknown", "json", "json")
	f("interval day to second", "interval year to month", "none")
}

func TestArithmetic(t *testing.T) {
	f := func(a, op, b, want string) {
		t.Helper()
		_, _, r, ok := Arithmetic(ArithOp(op[0]), MustType(a), MustType(b))
		got := "none"
		if ok {
			got = r.String()
		}
		if got != want {
			t.Errorf("%s %s %s: %s, want %s", a, op, b, got, want)
		}
	}
	f("integer", "+", "integer", "integer")
	f("tinyint", "*", "bigint", "bigint")
	f("decimal(2,1)", "/", "integer", "decimal(2,1)")
	f("decimal(4,1)", "*", "decimal(3,2)", "decimal(7,3)")
	f("decimal(4,1)", "+", "decimal(3,2)", "decimal(6,2)")
	f("date", "+", "interval day to second", "date")
	f("timestamp(0)", "+", "interval day to second", "timestamp(3)")
	f("timestamp(3) with time zone", "-", "interval year to month", "timestamp(3) with time zone")
	f("timestamp(3)", "-", "timestamp(3)", "interval day to second")
	f("interval day to second", "*", "integer", "interval day to second")
	f("varchar", "+", "integer", "none")
	f("date", "+", "integer", "none")
}

func TestParseType(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		c, err := ParseType(in)
		if err != nil || c.String() != want {
			t.Errorf("%s: %v %v", in, c, err)
		}
		if err == nil {
			if again, err := ParseType(c.String()); err != nil || !again.Equal(c) {
				t.Errorf("%s does not read itself: %v", c, err)
			}
		}
	}
	f("BIGINT", "bigint")
	f("map(varchar,array(json))", "map(varchar, array(json))")
	f("row(a bigint, date date, timestamp(3) with time zone)", "row(a bigint, date date, timestamp(3) with time zone)")
	f(`row("a b" double precision, varchar(3))`, `row("a b" double, varchar(3))`)
	f(`row(userName varchar, "userName" varchar)`, "row(username varchar, userName varchar)")
	f("decimal", "decimal(38,0)")
	f("timestamp with time zone", "timestamp(3) with time zone")
	f("interval day to second", "interval day to second")
	f("time(6) without time zone", "time(6)")
	for _, bad := range []string{"", "nothing", "varchar(-1)", "decimal(39)", "row()", "array(bigint", "bigint bigint", "map(bigint)", "timestamp(13)", strings.Repeat("array(", 1000)} {
		if c, err := ParseType(bad); err == nil {
			t.Errorf("%q is %s", bad, c)
		}
	}
}

func FuzzParseType(f *testing.F) {
	f.Add("row(a bigint, array(map(varchar,json)))")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseType(s)
		if err != nil {
			return
		}
		again, err := ParseType(c.String())
		if err != nil || !again.Equal(c) {
			t.Fatalf("%q is %s, which does not read itself: %v", s, c, err)
		}
	})
}

func TestParseJSONPath(t *testing.T) {
	f := func(path string, want ...string) {
		t.Helper()
		got, err := ParseJSONPath(path)
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q %v", path, got, err)
		}
	}
	f("$")
	f("$.a.b[0]", "a", "b", "0")
	f(`$["a b"].c`, "a b", "c")
	f("$.AWS:ComplianceItem.x", "AWS:ComplianceItem", "x")
	f("$.x-amz-copy-source", "x-amz-copy-source")
	f("$[name]", "name")
	for _, bad := range []string{"", "a", "$.", "$..b", "$.a[*]", "$[-1]", `$["a`, "$.a b", "$[?(@.x)]"} {
		if s, err := ParseJSONPath(bad); err == nil {
			t.Errorf("%q is %q", bad, s)
		}
	}
}

// TestDeclarations checks that all signatures can be read and printed.
func TestDeclarations(t *testing.T) {
	for _, name := range Functions() {
		for _, o := range Overloads(name) {
			if o.duck == "" && o.special == nil {
				t.Errorf("%s cannot be printed", o.Signature)
			}
		}
		if _, no := refusedFunctions[name]; no {
			t.Errorf("%s is refused and declared", name)
		}
	}
}
