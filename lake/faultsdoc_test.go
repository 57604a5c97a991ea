package lake

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestFaultsAreMapped wants FAULTS.md to name tests that there are, for every scenario.
func TestFaultsAreMapped(t *testing.T) {
	text, err := os.ReadFile("FAULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]bool)
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark)\w+)\(`)
	root := os.DirFS("..")
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		code, err := fs.ReadFile(root, name)
		for _, m := range declared.FindAllSubmatch(code, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`((?:Test|Benchmark)\\w+)`").FindAllSubmatch(text, -1) {
		if name := string(m[1]); !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
	for i := 1; i <= 36; i++ {
		if row := fmt.Sprintf("| F%d |", i); !strings.Contains(string(text), row) {
			t.Errorf("F%d is missing", i)
		}
	}
}
