package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/peterh/liner"
	"github.com/spf13/cobra"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/lake"
	"traillake/queries"
	"traillake/schema"
)

const shellLong = `Shell reads SQL and answers it, statement by statement; a statement ends with a
semicolon and may go over several lines. Everything that 'traillake query' says about
SQL holds here. Ctrl-C stops a running query, or drops what is typed; Ctrl-D or \q leaves.
The history is kept in a file that only you can read.

Where standard input is no terminal, statements are read from it; the first one that
fails ends the shell with exit code 1.

` + shellHelp

const shellHelp = `Commands, each on a line of its own:
  \?                      this list
  \d [STORE]              the stores, or the columns of a store
  \queries                the saved queries
  \run NAME [PARAM=VALUE…]  run a saved query
  \store [NAME]           show or set the store that $EDS_ID stands for
  \format [FORMAT]        show or set the output format
  \q                      leave
`

// shell is one session.
type shell struct {
	app    *app
	lake   *lake.Lake
	engine *engine.Engine
	saved  catalogOptions
	eo     engineOptions
	output outputOptions
}

// errQuit ends a shell on request.
var errQuit = errors.New("quit")

func newShell(a *app) *cobra.Command {
	sh := &shell{app: a, saved: catalogOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "shell",
		Short: "Type SQL and see the answers",
		Long:  shellLong,
		Example: `  traillake shell
  traillake shell --store investigation
  traillake shell --format csv < statements.sql`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := sh.eo.validate(); err != nil {
				return &usageError{cmd, err}
			}
			return sh.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.Var(&sh.output.format, "format", "`format` of the rows: "+strings.Join(encode.Names(), ", ")+" (default: table on a terminal, csv elsewhere)")
	sh.eo.addFlags(f)
	sh.saved.addFlags(f)
	return cmd
}

func (sh *shell) run(ctx context.Context) (err error) {
	if sh.lake, sh.engine, err = sh.app.openEngine(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sh.lake.Close()) }()
	if isTerminal(sh.app.stdin) && isTerminal(sh.app.stdout) {
		err = sh.interactive()
	} else {
		err = sh.script(ctx)
	}
	if errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// script answers the statements of standard input until one fails.
func (sh *shell) script(ctx context.Context) error {
	in := bufio.NewReader(sh.app.stdin)
	pending := ""
	for {
		line, readErr := in.ReadString('\n')
		var err error
		if pending, err = sh.feed(ctx, pending, line, func(err error) error { return err }); err != nil {
			return err
		}
		if readErr == io.EOF {
			if blank(pending) {
				return nil
			}
			return sh.statement(ctx, pending) // the last one may lack its semicolon
		}
		if readErr != nil {
			return fmt.Errorf("read standard input: %w", readErr)
		}
	}
}

// feed adds a line to what is pending and answers the statements that it completes.
// failed is called with what goes wrong; an error that it returns ends the shell.
func (sh *shell) feed(ctx context.Context, pending, line string, failed func(error) error) (string, error) {
	if blank(pending) && strings.HasPrefix(strings.TrimSpace(line), `\`) {
		err := sh.meta(ctx, strings.TrimSpace(line))
		if err != nil && !errors.Is(err, errQuit) {
			err = failed(err)
		}
		return "", err
	}
	pending += line
	for {
		statement, rest, ok := splitStatement(pending)
		if !ok {
			return pending, nil
		}
		pending = rest
		if blank(statement) {
			continue
		}
		if err := sh.statement(ctx, statement); err != nil {
			if err := failed(err); err != nil {
				return "", err
			}
		}
	}
}

func (sh *shell) statement(ctx context.Context, sql string) error {
	return sh.query(ctx, engine.Request{SQL: strings.TrimSpace(sql)})
}

func (sh *shell) query(ctx context.Context, r engine.Request) error {
	result, err := sh.engine.Query(ctx, sh.eo.apply(r))
	if err != nil {
		return err
	}
	return sh.app.writeResult(ctx, &sh.output, result)
}

// meta runs a command that begins with a backslash.
func (sh *shell) meta(ctx context.Context, line string) error {
	words := strings.Fields(line)
	name, args := words[0], words[1:]
	arg := ""
	if len(args) > 0 {
		arg = strings.TrimSuffix(args[0], ";")
	}
	switch name {
	case `\q`, `\quit`, `\exit`:
		return errQuit
	case `\?`, `\h`, `\help`:
		sh.app.say("%s", shellHelp)
		return nil
	case `\d`:
		return sh.describe(ctx, arg)
	case `\queries`:
		return sh.listQueries(ctx)
	case `\run`:
		return sh.runSaved(ctx, arg, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(line, name)), arg)))
	case `\store`:
		if arg != "" {
			s, err := sh.lake.Store(ctx, arg)
			if err != nil {
				return err
			}
			sh.eo.store = s.Name()
		}
		sh.app.say("$EDS_ID is %s\n", sh.eo.store)
		return nil
	case `\format`:
		if arg != "" {
			if err := sh.output.format.Set(arg); err != nil {
				return err
			}
		}
		f, err := sh.output.choose(isTerminal(sh.app.stdout))
		if err != nil {
			return err
		}
		sh.app.say("the format is %s\n", f)
		return nil
	default:
		return fmt.Errorf(`no command %s; \? lists them`, name)
	}
}

func (sh *shell) describe(ctx context.Context, ref string) error {
	if ref == "" {
		return sh.app.listStores(ctx, &sh.output)
	}
	if _, err := sh.lake.Store(ctx, ref); err != nil {
		return err
	}
	rows := newListing(column{"name", ""}, column{"type", ""}, column{"doc", ""})
	for _, c := range schema.Visible() {
		rows.add(c.Name, shortType(c), c.Doc)
	}
	return sh.app.write(ctx, &sh.output, rows)
}

func (sh *shell) listQueries(ctx context.Context) error {
	set, err := sh.saved.load()
	if err != nil {
		return err
	}
	rows := newListing(column{"name", ""}, column{"title", ""})
	for _, q := range set.All() {
		rows.add(q.Name, q.Title)
	}
	return sh.app.write(ctx, &sh.output, rows)
}

// runSaved runs a saved query. A value of the parameters, which are NAME=VALUE, goes on
// to the next NAME=, so that it may hold blanks.
func (sh *shell) runSaved(ctx context.Context, name, rest string) error {
	if name == "" {
		return errors.New(`run which query? \queries lists them`)
	}
	set, err := sh.saved.load()
	if err != nil {
		return err
	}
	q, err := set.Get(name)
	if err != nil {
		return err
	}
	var params []string
	for _, word := range strings.Fields(strings.TrimSuffix(rest, ";")) {
		key, _, isParam := strings.Cut(word, "=")
		if isParam && q.Param(key) != nil || len(params) == 0 {
			params = append(params, word)
		} else {
			params[len(params)-1] += " " + word
		}
	}
	r, err := bindSaved(q, params, sh.app)
	if err != nil {
		return err
	}
	return sh.query(ctx, r)
}

// interactive reads from the terminal until the user leaves.
func (sh *shell) interactive() error {
	// From here on an interrupt stops a query and not the shell.
	ctx, stop := signal.NotifyContext(sh.app.noSignals(), syscall.SIGTERM)
	defer stop()
	line := liner.NewLiner()
	line.SetCtrlCAborts(true)
	line.SetMultiLineMode(true)
	names, err := sh.completions(ctx)
	if err != nil {
		return errors.Join(err, line.Close())
	}
	line.SetWordCompleter(func(text string, at int) (string, []string, string) { return complete(names, text, at) })
	history := sh.readHistory(line)
	err = errors.Join(sh.loop(ctx, line), sh.writeHistory(line, history), line.Close())
	return err
}

func (sh *shell) loop(ctx context.Context, line *liner.State) error {
	sh.app.say("Type SQL that ends with a semicolon, \\? for help, \\q to leave.\n")
	complain := func(err error) error {
		if errors.Is(err, context.Canceled) {
			err = errors.New("stopped")
		}
		sh.app.say("%s %v\n", sh.app.red("error:"), err)
		return nil
	}
	pending, typed := "", ""
	for ctx.Err() == nil {
		prompt := "traillake> "
		if !blank(pending) {
			prompt = "       ... "
		}
		text, err := line.Prompt(prompt)
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			pending, typed = "", ""
			continue
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read line: %w", err)
		}
		typed = strings.TrimSpace(typed + " " + text)
		qctx, stop := signal.NotifyContext(ctx, os.Interrupt)
		pending, err = sh.feed(qctx, pending, text+"\n", complain)
		stop()
		if blank(pending) && typed != "" {
			line.AppendHistory(typed)
			typed = ""
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// historyFile is where the lines that were typed are kept.
func (sh *shell) historyFile() (string, error) {
	dir, err := sh.app.userDir("XDG_STATE_HOME", ".local/state")
	return filepath.Join(dir, "history"), err
}

// readHistory loads the history and returns where it is; empty when it has no place.
// A shell without its history is still a shell, so that errors are only told.
func (sh *shell) readHistory(line *liner.State) string {
	path, err := sh.historyFile()
	if err != nil {
		sh.app.say("no history: %v\n", err)
		return ""
	}
	f, err := os.Open(path)
	if err == nil {
		_, err = line.ReadHistory(f)
		err = errors.Join(err, f.Close())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		sh.app.say("history: %v\n", err)
	}
	return path
}

func (sh *shell) writeHistory(line *liner.State, path string) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep history: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("keep history: %w", err)
	}
	_, err = line.WriteHistory(f)
	return errors.Join(err, f.Close())
}

// completions are the words that the tab key completes.
func (sh *shell) completions(ctx context.Context) ([]string, error) {
	stores, err := sh.lake.Stores(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range stores {
		names = append(names, s.Name())
	}
	eachColumn(func(path string, _ schema.Column, _ bool) { names = append(names, path) })
	for _, q := range queries.Catalog().All() {
		names = append(names, q.Name)
	}
	return append(names, "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "COUNT(*)", "$EDS_ID", `\run`, `\queries`, `\store`, `\format`), nil
}

// complete returns what stands before the word that ends at character at, the words that
// it may become, and what follows.
func complete(names []string, line string, at int) (string, []string, string) {
	runes := []rune(line)
	at = min(at, len(runes))
	text, behind := string(runes[:at]), string(runes[at:])
	start := strings.LastIndexAny(text, " \t\n(),=<>+*/") + 1
	word := strings.ToLower(text[start:])
	var found []string
	for _, n := range names {
		if word != "" && strings.HasPrefix(strings.ToLower(n), word) {
			found = append(found, n)
		}
	}
	return text[:start], found, behind
}
