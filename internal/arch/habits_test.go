package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the repository's root as seen from this package.
const root = "../.."

// rootNames is all that the root may hold.
var rootNames = []string{
	"cmd", "engine", "lake", "schema", "queries", "schedule", "bench", "server", "internal", "testdata", ".ci",
	"go.mod", "go.sum", "README.md", "LICENSE", "Makefile", "CHANGELOG.md", "ARCHITECTURE.md",
	".git",
}

// maxLines bounds a file.
const maxLines = 800

var (
	catchAll = regexp.MustCompile(`^(utils?|common|helpers?|misc|types|constants)$`)
	// filler opens an error text without saying anything.
	filler = regexp.MustCompile(`^(failed to|error |unable to|could not|couldn)`)
	unkept = regexp.MustCompile(`\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b`)
)

// selectors are names of other packages that a library does not use.
var selectors = map[string]string{
	"os.Exit":      "only commands end the process",
	"os.Stdout":    "a library is given a writer",
	"os.Stderr":    "a library is given a writer",
	"log.Fatal":    "only commands end the process",
	"log.Fatalf":   "only commands end the process",
	"log.Fatalln":  "only commands end the process",
	"slog.Default": "a library is given a logger",
}

func TestRoot(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !slices.Contains(rootNames, n) {
			t.Errorf("%s does not belong at the root of the repository", n)
		}
	}
}

func TestPackages(t *testing.T) {
	for _, p := range list(t) {
		if len(p.GoFiles)+len(p.CgoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		if catchAll.MatchString(filepath.Base(p.path())) {
			t.Errorf("%s: a package is named after what it does", p.ImportPath)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, p := range list(t) {
		code := slices.Concat(p.GoFiles, p.CgoFiles)
		for _, name := range slices.Concat(code, p.TestGoFiles, p.XTestGoFiles) {
			path := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			shown := filepath.Join(p.path(), name)
			if n := strings.Count(string(text), "\n"); n > maxLines {
				t.Errorf("%s has %d lines; at most %d", shown, n, maxLines)
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, text, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			say := func(n ast.Node, what string) {
				t.Errorf("%s:%d: %s", shown, fset.Position(n.Pos()).Line, what)
			}
			for _, c := range f.Comments {
				if unkept.MatchString(c.Text()) {
					say(c, "open work belongs in an issue, not in a comment")
				}
			}
			if slices.Contains(code, name) {
				checkCode(f, p.path(), say)
			} else {
				checkTest(f, say)
			}
		}
	}
}

// checkCode reports what the code of a package must not do.
func checkCode(f *ast.File, pkgPath string, say func(ast.Node, string)) {
	library := !matches("cmd/...", pkgPath)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if why := selectors[selector(n)]; why != "" && library {
				say(n, selector(n)+": "+why)
			}
		case *ast.CallExpr:
			switch name := callee(n); name {
			case "panic":
				if !strings.HasPrefix(firstText(n), "BUG:") {
					say(n, "a panic is for bugs, and its text begins with BUG:")
				}
			case "fmt.Errorf", "errors.New":
				text := firstText(n)
				if filler.MatchString(text) {
					say(n, "an error names operation, object and cause, without filler: "+strconv.Quote(text))
				}
				if name == "fmt.Errorf" && losesChain(n, text) {
					say(n, "wrap with %w, so that errors.Is sees the cause")
				}
			}
		}
		return true
	})
}

// checkTest reports what tests must not do.
func checkTest(f *ast.File, say func(ast.Node, string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch name := callee(call); name {
			case "time.Sleep", "t.Skip", "t.Skipf", "t.SkipNow":
				say(n, name+" in a test")
			}
		}
		return true
	})
}

// callee is the name of what is called: panic, fmt.Errorf.
func callee(c *ast.CallExpr) string {
	switch fun := c.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return selector(fun)
	}
	return ""
}

func selector(s *ast.SelectorExpr) string {
	if x, ok := s.X.(*ast.Ident); ok {
		return x.Name + "." + s.Sel.Name
	}
	return ""
}

// firstText is the text that the first argument begins with, if it is constant. A
// panic's text may also be made by fmt.Sprintf.
func firstText(c *ast.CallExpr) string {
	if len(c.Args) == 0 {
		return ""
	}
	switch arg := c.Args[0].(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(arg.Value)
		if err != nil {
			return ""
		}
		return text
	case *ast.BinaryExpr:
		return firstText(&ast.CallExpr{Args: []ast.Expr{arg.X}})
	case *ast.CallExpr:
		return firstText(arg)
	}
	return ""
}

// losesChain reports whether an Errorf formats an error called err with another verb
// than %w.
func losesChain(c *ast.CallExpr, format string) bool {
	verbs := regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`).FindAllString(strings.ReplaceAll(format, "%%", ""), -1)
	for i, arg := range c.Args[1:] {
		if id, ok := arg.(*ast.Ident); ok && id.Name == "err" && i < len(verbs) && !strings.HasSuffix(verbs[i], "w") && !strings.HasSuffix(verbs[i], "T") {
			return true
		}
	}
	return false
}

// TestDocuments checks that documents name symbols, which stay, and not lines, which move.
func TestDocuments(t *testing.T) {
	line := regexp.MustCompile(`\.go:[0-9]+`)
	outside := regexp.MustCompile(`\.\./shared`)
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || e.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, bad := range []*regexp.Regexp{line, outside} {
			if m := bad.Find(text); m != nil {
				t.Errorf("%s says %s", path, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
