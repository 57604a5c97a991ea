package command

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/queries"
	"traillake/queries/sigma"
)

const importSigmaLong = `Turn Sigma rules for CloudTrail (logsource product: aws, service: cloudtrail) into saved
queries, in a folder of your own. A folder stands for all files below it that end in
.yml or .yaml; rules that a correlation counts may be in files of their own.

A query is called sigma- and the rule's name or title. It finds what the rule describes,
with the time as parameters since and until, and carries the rule's description, level,
techniques, tags and author. Selections with wildcards, modifiers, keywords, conditions,
the correlations event_count, value_count and temporal, and count() by … > n of Sigma 1 are
known. A rule that cannot be expressed is refused, with its line and what to do, and the
others are imported. The exit code is 3 when a rule was refused, or when a query of that
name is in the folder and differs.

Rules have licences of their own: keep the author's name when you pass a query on.`

func newQueriesImport(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import",
		Short:   "Make saved queries of rules in other forms",
		Long:    "Make saved queries of rules in other forms.",
		Example: "  traillake queries import sigma ./rules --to ./my-queries",
		Args:    onlySubcommands,
		RunE:    showHelp,
	}
	cmd.AddCommand(newQueriesImportSigma(a))
	return cmd
}

func newQueriesImportSigma(a *app) *cobra.Command {
	o, to, force := &catalogOptions{app: a}, "", false
	cmd := &cobra.Command{
		Use:   "sigma FILE | FOLDER…",
		Short: "Make saved queries of Sigma rules",
		Long:  importSigmaLong,
		Example: `  traillake queries import sigma rule.yml --to ./my-queries
  traillake queries import sigma ./sigma/rules/cloud/aws/cloudtrail --to ./my-queries
  traillake queries run sigma-my-rule --queries ./my-queries`,
		Args: arguments(1, -1, "import what? Name a file of rules, such as: traillake queries import sigma rule.yml --to ./my-queries"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := o.writeTo(cmd, to)
			if err != nil {
				return err
			}
			return a.importSigma(args, dir, force)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "`folder` to write to (default: --queries, else $TRAILLAKE_QUERIES)")
	cmd.Flags().BoolVar(&force, "force", false, "replace queries that are there already")
	o.addFlags(cmd.Flags())
	return cmd
}

// writeTo returns the folder for new queries.
func (o *catalogOptions) writeTo(cmd *cobra.Command, to string) (string, error) {
	if dir := cmp.Or(to, o.dir, o.app.getenv(envQueries)); dir != "" {
		return dir, nil
	}
	return "", usagef(cmd, "write where? Name a folder with --to, or in %s", envQueries)
}

func (a *app) importSigma(paths []string, dir string, force bool) error {
	files, err := ruleFiles(paths)
	if err != nil {
		return err
	}
	found, refused := sigma.Convert(files)
	var wrong []error
	for _, e := range refused {
		wrong = append(wrong, e)
	}
	written, same := 0, 0
	var failed error
	for _, q := range found {
		path := filepath.Join(dir, q.Name+".sql")
		parsed, err := queries.Parse(path, q.Text)
		if err == nil {
			err = checkSQL(parsed, a.now())
		}
		if err != nil {
			wrong = append(wrong, &sigma.Error{File: q.File, Line: q.Line, Rule: q.Title, Reason: err.Error()})
			continue
		}
		switch err := writeNew(path, q.Text, force); {
		case errors.Is(err, errUnchanged):
			same++
		case errors.Is(err, fs.ErrExist):
			wrong = append(wrong, &sigma.Error{File: q.File, Line: q.Line, Rule: q.Title,
				Reason: path + " is there already and differs; --force replaces it"})
		case err != nil:
			failed = err
		default:
			written++
		}
		if failed != nil { // those that follow would fail as well
			break
		}
	}
	pr := printer{people: isTerminal(a.stderr)}
	if len(wrong) > 0 {
		if _, err := fmt.Fprintln(a.stdout, encode.PrintableLines(errors.Join(wrong...).Error())); err != nil {
			return err
		}
	}
	summary := pr.things(int64(written), "query", "queries") + " written to " + dir
	if same > 0 {
		summary += fmt.Sprintf(", %s there already", pr.count(int64(same)))
	}
	if len(wrong) > 0 {
		summary += fmt.Sprintf(", %s", pr.things(int64(len(wrong)), "rule not imported", "rules not imported"))
	}
	a.say("%s\n", summary)
	if failed == nil && len(wrong) > 0 {
		failed = errFindings
	}
	return failed
}

// ruleFiles reads files, and the files of rules in folders.
func ruleFiles(paths []string) ([]sigma.File, error) {
	var files []sigma.File
	read := func(path string) error {
		text, err := os.ReadFile(path)
		files = append(files, sigma.File{Name: path, Text: text})
		return err
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := read(path); err != nil {
				return nil, err
			}
			continue
		}
		before := len(files)
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			switch ext := filepath.Ext(p); {
			case err != nil:
				return err
			case p != path && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case !d.IsDir() && (ext == ".yml" || ext == ".yaml"):
				// A pipe that nobody named would be waited for.
				if info, err := os.Stat(p); err == nil && !info.Mode().IsRegular() {
					return fmt.Errorf("read %s: it is no regular file", p)
				}
				return read(p)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s holds no files that end in .yml or .yaml", path)
		}
	}
	return files, nil
}

// errUnchanged reports that a file has the text already.
var errUnchanged = errors.New("unchanged")

// writeNew writes a file whole or not at all, and its folder. A file that is there stays,
// unless it may be replaced.
func writeNew(path string, text []byte, replace bool) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return errUnchanged
	} else if err == nil && !replace {
		return fmt.Errorf("write %s: %w", path, fs.ErrExist)
	}
	return replaceText(path, text)
}
