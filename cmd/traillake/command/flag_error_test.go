package command

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestFlagError(t *testing.T) {
	for _, c := range []struct{ arg, want string }{
		{"--int=x", `--int "x": give a whole number`},
		{"--int=99999999999999999999", "--int 99999999999999999999: the number is too large"},
		{"--float=x", `--float "x": give a number`},
		{"--bool=maybe", `--bool "maybe": give true or false`},
		{"--duration=5", `--duration "5": give a time such as 90s, 10m or 2h`},
		{"--size=lots", `--size: "lots" is no size; give one such as 512MB or 2GiB`},
		{"--span=-1h", `--span: "-1h": a length of time is not negative`},
		{"--other", "unknown flag: --other"},
	} {
		f := pflag.NewFlagSet("x", pflag.ContinueOnError)
		f.IntP("int", "i", 0, "")
		f.Float64("float", 0, "")
		f.Bool("bool", false, "")
		f.Duration("duration", time.Second, "")
		f.Var(new(size), "size", "")
		f.Var(new(spanFlag), "span", "")
		if err := f.Parse([]string{c.arg}); err == nil || flagError(err).Error() != c.want {
			t.Errorf("%s: %v, want %s", c.arg, flagError(err), c.want)
		}
	}
}

// TestNotEmpty gives every flag of every command an empty value, as "$UNSET" does. Two take it for
// what it is.
func TestNotEmpty(t *testing.T) {
	a, _, _ := newTestApp(t, nil)
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if !c.HasSubCommands() {
			c.InheritedFlags() // has the flags of the commands above among those of c
			c.Flags().VisitAll(func(f *pflag.Flag) {
				name := strings.TrimPrefix(c.CommandPath(), "traillake ") + " --" + f.Name
				taken := f.Value.Set("") == nil && !emptied(f)
				if want := name == "coverage --by" || name == "query --arg"; taken != want {
					t.Errorf("%s '' is taken: %v, want %v", name, taken, want)
				}
			})
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(a))
}
