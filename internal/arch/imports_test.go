package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const (
	module = "traillake"
	// github keeps the paths below apart from import lines for who searches for those.
	github = "github.com"
)

// layers are the packages from top to bottom. A package may import packages of lower
// layers only; what it may import in its own layer is in sideways. An entry that ends
// in /... stands for the package and all below it. The first that matches counts.
var layers = [][]string{
	{"cmd/..."},
	{"server/...", "bench/..."},
	{"schedule/..."},
	{"queries/report/...", "queries/sigma/...", "queries/fixture/...", "queries/coverage", "engine/insights/..."},
	{"engine/duck/...", "engine", "engine/dialect/...", "engine/encode/...", "engine/export"},
	{"queries"},
	{"lake/s3/...", "lake/source/s3/...", "lake/source/dir/...", "lake/source/stdin/...", "lake/source/sourcetest/...",
		"lake/laketest/...", "lake/evidence", "lake", "lake/digest/...", "lake/pages", "lake/selector", "lake/source", "lake/table"},
	{"schema/..."},
	{"internal/..."},
}

// sideways lists the imports that are allowed inside a layer.
var sideways = map[string][]string{
	"cmd/...":                    {"cmd/..."},
	"server/...":                 {"server/..."},
	"bench/...":                  {"bench/..."},
	"queries/report/...":         {"queries/report/...", "queries/coverage"},
	"schedule/...":               {"schedule/..."},
	"engine/duck/...":            {"engine", "engine/dialect/...", "engine/encode/..."},
	"engine":                     {"engine/dialect/...", "engine/encode/..."},
	"engine/export":              {"engine/encode/..."},
	"engine/dialect/...":         {"engine/dialect/..."},
	"lake/s3/...":                {"lake"},
	"lake/source/s3/...":         {"lake", "lake/source", "lake/digest/...", "lake/source/s3/..."},
	"lake/source/dir/...":        {"lake", "lake/source", "lake/digest/..."},
	"lake/source/stdin/...":      {"lake", "lake/source"},
	"lake/source/sourcetest/...": {"lake", "lake/source"},
	"lake/laketest/...":          {"lake", "lake/source"},
	"lake/evidence":              {"lake", "lake/source"},
	"lake":                       {"lake/source", "lake/digest/...", "lake/pages", "lake/selector", "lake/table"},
	"lake/digest/...":            {"lake/source", "lake/digest/..."},
	"schema/...":                 {"schema/..."},
	"internal/...":               {"internal/..."},
}

// internalOnly may import nothing of ours but internal packages.
var internalOnly = []string{"schema/...", "queries"}

// homes says under which packages a library may be imported.
var homes = []struct {
	library string
	in      []string
}{
	{github + "/duckdb/", []string{"engine/duck/..."}},
	{github + "/KimMachineGun/", []string{"internal/hostmemory"}},
	{github + "/apache/iceberg-go", []string{"lake/..."}},
	{github + "/apache/iceberg-go/table", []string{}}, // TestNotLinked says why
	{github + "/aws/", []string{"internal/awsclient", "internal/s3test/...", "lake/s3/...", "lake/source/s3/...", "server/...", "queries/report/...", "schedule/notify", "schedule/deliver"}},
	{github + "/netresearch/go-cron", []string{"schedule"}},
	{github + "/wneessen/go-mail", []string{"schedule/notify"}},
	{github + "/spf13/", []string{"cmd/..."}},
	{github + "/peterh/liner", []string{"cmd/..."}},
	{github + "/vbauerster/mpb", []string{"cmd/..."}},
	{"golang.org/x/term", []string{"cmd/..."}},
	{"net/http", []string{"internal/awsclient", "internal/s3test/...", "internal/sqstest", "lake/s3/...", "server/...", "lake/source/s3/...", "queries/report/...", "schedule/notify", "schedule/deliver", "bench/trino"}},
	{"codeberg.org/go-pdf/fpdf", []string{"queries/report/render"}},
	{github + "/chromedp", []string{}},
	{"golang.org/x/image", []string{"queries/report/render"}},
}

// withoutCgo builds without a C compiler.
var withoutCgo = []string{"schema/...", "lake/...", "queries/...", "engine", "engine/dialect/...", "engine/encode/...", "engine/export"}

// pkg is what go list tells about a package.
type pkg struct {
	ImportPath   string
	Dir          string
	Doc          string
	GoFiles      []string
	CgoFiles     []string
	TestGoFiles  []string
	XTestGoFiles []string
	Imports      []string
}

// path is the import path below the module; empty for the root.
func (p pkg) path() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// matches reports whether path is the package that pattern names, or below it.
func matches(pattern, path string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return path == base || below && strings.HasPrefix(path, base+"/")
}

func matchesAny(patterns []string, path string) bool {
	for _, p := range patterns {
		if matches(p, path) {
			return true
		}
	}
	return false
}

// place returns the layer of a package, 0 being the top, and the entry that put it there.
func place(path string) (int, string, bool) {
	for i, layer := range layers {
		for _, pattern := range layer {
			if matches(pattern, path) {
				return i, pattern, true
			}
		}
	}
	return 0, "", false
}

// forbidden returns why the package from may not import to; empty when it may.
func forbidden(from, to string) string {
	ours, isOurs := strings.CutPrefix(to, module+"/")
	if !isOurs {
		for _, h := range homes {
			if (to == strings.TrimSuffix(h.library, "/") || strings.HasPrefix(to, strings.TrimSuffix(h.library, "/")+"/")) && !matchesAny(h.in, from) {
				return fmt.Sprintf("only %s may", strings.Join(h.in, ", "))
			}
		}
		return ""
	}
	if matchesAny(internalOnly, from) && !strings.HasPrefix(ours, "internal/") && !(matches("schema/...", from) && matches("schema/...", ours)) {
		return "it imports nothing of ours but internal packages"
	}
	if matches("engine/dialect/...", from) && !matches("engine/dialect/...", ours) {
		return "the dialect knows nothing else of ours"
	}
	low, entry, ok := place(from)
	if !ok {
		return "it has no layer"
	}
	lower, _, ok := place(ours)
	switch {
	case !ok:
		return "what it imports has no layer"
	case lower > low:
		return ""
	case lower == low && matchesAny(sideways[entry], ours):
		return ""
	default:
		return "imports point down only"
	}
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		if _, _, ok := place(p.path()); !ok {
			t.Errorf("%s has no layer: give it one in this test, or another place", p.ImportPath)
		}
		for _, to := range p.Imports {
			if why := forbidden(p.path(), to); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, to, why)
			}
			if to == "C" && matchesAny(withoutCgo, p.path()) {
				t.Errorf("%s uses cgo", p.ImportPath)
			}
		}
	}
}

// notLinked are packages that must not be part of the program, whoever imports them.
var notLinked = []struct{ path, why string }{
	{github + "/substrait-io/", "it reads the functions of Substrait at the start of every process: 0.1 s and 32 MB, where a small query is to take 0.15 s"},
	{github + "/apache/iceberg-go/table", "it imports Substrait; lake/table has what a lake needs of it"},
	{github + "/apache/arrow-go/v18/arrow/compute/exprs", "it imports Substrait"},
}

// TestNotLinked looks at all that the program consists of.
func TestNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"/cmd/traillake").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 500 {
		t.Fatalf("the program has %d packages, want many more", len(deps))
	}
	for _, dep := range deps {
		for _, n := range notLinked {
			if strings.HasPrefix(dep, n.path) {
				t.Errorf("the program has %s: %s", dep, n.why)
			}
		}
	}
}

// TestForbidden keeps the rules themselves from going soft.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"cmd/traillake/command", module + "/engine/duck", true},
		{"cmd/traillake/command", github + "/spf13/cobra", true},
		{"engine/duck", module + "/engine", true},
		{"engine", module + "/engine/encode", true},
		{"engine", module + "/lake", true},
		{"lake", module + "/schema", true},
		{"lake", module + "/lake/source", true},
		{"lake/source/dir", module + "/lake/source", true},
		{"queries/report", module + "/engine", true},
		{"schema", module + "/internal/vfs", true},
		{"lake", github + "/apache/iceberg-go", true},
		{"lake/table", github + "/apache/iceberg-go", true},
		{"lake", github + "/apache/arrow-go/v18/arrow", true},

		{"schema", module + "/lake", false},
		{"queries", module + "/schema", false},
		{"queries", module + "/engine", false},
		{"lake", module + "/engine", false},
		{"lake", module + "/engine/duck", false},
		{"lake", module + "/queries", false},
		{"lake/source", module + "/lake", false},
		{"engine", module + "/engine/duck", false},
		{"engine", module + "/cmd/traillake/command", false},
		{"engine/dialect", module + "/lake", false},
		{"engine/dialect", module + "/schema", false},
		{"bench/gen", module + "/server/api", false},
		{"internal/vfs", module + "/schema", false},
		{"elsewhere", module + "/schema", false},
		{"engine", github + "/duckdb/duckdb-go/v2", false},
		{"lake", github + "/duckdb/duckdb-go-bindings", false},
		{"engine/duck", github + "/apache/iceberg-go", false},
		{"lake", github + "/apache/iceberg-go/table", false},
		{"lake/table", github + "/apache/iceberg-go/table/internal", false},
		{"lake", github + "/aws/aws-sdk-go-v2/service/s3", false},
		{"engine", github + "/spf13/cobra", false},
		{"lake", "net/http", false},
	} {
		if why := forbidden(c.from, c.to); (why == "") != c.ok {
			t.Errorf("%s imports %s: allowed is %v, want %v (%s)", c.from, c.to, why == "", c.ok, why)
		}
	}
}
