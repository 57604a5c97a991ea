package command

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"traillake/bench/result"
	"traillake/lake"
	"traillake/lake/digest/custody"
	"traillake/queries/report"
	"traillake/queries/report/folder"
	"traillake/schedule"
)

// TestJSONIsDocumented finds every field that commands print as JSON in the help topic
// that is the contract about it.
func TestJSONIsDocumented(t *testing.T) {
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ.PkgPath() == "time" {
			return
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous {
				walk(f.Type)
				continue
			}
			if name == "-" {
				continue
			}
			if name == "" {
				t.Errorf("%s.%s has no name in JSON", typ, f.Name)
				continue
			}
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(jsonHelp) {
				t.Errorf("'traillake help json' does not mention %s of %s", name, typ)
			}
			walk(f.Type)
		}
	}
	for _, v := range []any{lake.IngestResult{}, lake.IngestPlan{}, storeFacts{}, verifyReport{}, result.Document{}, report.Report{}, custody.Report{},
		folder.Check{}, folder.Changes{}, shownSchedule(&schedule.Definition{}, schedule.Outlook{})} {
		walk(reflect.TypeOf(v))
	}
}

// TestHelp asks of every command what a stranger needs: a sentence, a text, an example
// that names the command.
func TestHelp(t *testing.T) {
	a, _, _ := newTestApp(t, nil)
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" {
			t.Errorf("%s has no help", c.CommandPath())
		}
		if c.HasParent() && c.Runnable() && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example of itself", c.CommandPath())
		}
		for _, line := range strings.Split(c.Long, "\n") {
			if n := len([]rune(line)); n > 100 {
				t.Errorf("%s: a line of help has %d characters: %s", c.CommandPath(), n, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(a))
}
