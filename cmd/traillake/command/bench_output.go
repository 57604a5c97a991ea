package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/bench/result"
)

// benchOutput are the flags of commands that print the result of a benchmark.
type benchOutput struct {
	format, html string
}

func (o *benchOutput) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "table", "`format` of the result: table or json (see 'traillake help json')")
	f.StringVar(&o.html, "html", "", "write a page with charts to this `file`, too")
}

// validate finds what is wrong before the benchmark runs for minutes.
func (o *benchOutput) validate() error {
	if o.format != "table" && o.format != "json" {
		return fmt.Errorf("--format %q: there are table and json", o.format)
	}
	if o.html == "" {
		return nil
	}
	if info, err := os.Stat(o.html); err == nil && info.IsDir() {
		return fmt.Errorf("--html %s: that is a folder; give a file", o.html)
	}
	if info, err := os.Stat(filepath.Dir(o.html)); err != nil || !info.IsDir() {
		return fmt.Errorf("--html %s: there is no folder %s", o.html, filepath.Dir(o.html))
	}
	return nil
}

// writeBench prints the result of a benchmark as the flags say. What took hours is printed also where
// the page cannot be written.
func (a *app) writeBench(o *benchOutput, d *result.Document) error {
	var err error
	if o.html != "" {
		if err = replaceFile(o.html, d.HTML); err != nil {
			err = fmt.Errorf("write %s: %w", o.html, err)
		}
	}
	if o.format == "json" {
		return errors.Join(d.JSON(printableJSON{a.stdout}), err)
	}
	return errors.Join(d.Text(a.stdout), err)
}

// readBench reads the JSON that a benchmark has printed.
func readBench(path string) (_ *result.Document, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	d, err := result.Read(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return d, nil
}

// elsewhere are flags that say where things are, and not what is measured. They do not
// belong into a result that others read.
var elsewhere = []string{"dir", "html", "format", "lake"}

// commandLine is what to type to run a command again, with the flags that were given.
func commandLine(cmd *cobra.Command, args []string) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		for _, name := range elsewhere {
			if f.Name == name {
				return
			}
		}
		value := f.Value.String()
		if list, ok := f.Value.(pflag.SliceValue); ok {
			value = strings.Join(list.GetSlice(), ",")
		}
		switch {
		case f.Name == "source":
			value = "FOLDER"
			fallthrough
		case f.Value.Type() != "bool":
			words = append(words, "--"+f.Name, value)
		default:
			words = append(words, "--"+f.Name)
		}
	})
	return strings.Join(append(words, args...), " ")
}
