package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/lake"
)

const shellLong = `Shell reads SQL and answers it, statement by statement; a statement ends with a
semicolon and may go over several lines. Everything that 'traillake query' says about
SQL holds here. Tab completes columns, fields, functions, stores, keywords and the names
of saved queries. Ctrl-C stops a running query, or drops what is typed; Ctrl-D or \q
leaves. The history is kept in a file that only you can read.

Where standard input is no terminal, statements are read from it; the first one that
fails ends the shell with exit code 1. Errors name the line of the input.

`

// shell is one session.
type shell struct {
	app     *app
	lake    *lake.Lake
	engine  *engine.Engine
	saved   catalogOptions
	eo      engineOptions
	output  outputOptions
	dialect string
	timing  bool

	// pending is what was read and is not answered yet.
	pending string
	// line is the number of lines of the input in front of pending, first that in
	// front of the statement that runs.
	line, first int
	// last is the last statement that was run.
	last string
}

// errQuit ends a shell on request.
var errQuit = errors.New("quit")

func newShell(a *app) *cobra.Command {
	sh := &shell{app: a, saved: catalogOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "shell",
		Short: "Type SQL and see the answers",
		Long:  shellLong + metaHelp(),
		Example: `  traillake shell
  traillake shell --store investigation
  traillake shell --format csv < statements.sql`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := engine.ParseDialect(sh.dialect)
			if err = errors.Join(err, sh.eo.validate()); err != nil {
				return &usageError{cmd, err}
			}
			return sh.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.Var(&sh.output.format, "format", "`format` of the rows: "+strings.Join(encode.Names(), ", ")+" (default: table on a terminal, csv elsewhere)")
	f.StringVar(&sh.dialect, "dialect", engine.DialectTrino.String(), "the `language` of the SQL: trino, which is CloudTrail Lake's, or duckdb")
	sh.eo.addFlags(f)
	sh.eo.addFresh(f)
	sh.saved.addFlags(f)
	return cmd
}

func (sh *shell) run(ctx context.Context) (err error) {
	sh.output.again = `\fresh on`
	var done func() error
	if sh.lake, sh.engine, done, err = sh.app.openReusingEngine(ctx, "", sh.eo.timeout); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
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
	in := bufio.NewReader(cancelReader{ctx, sh.app.stdin})
	stop := func(err error) error {
		// Errors name the line of the input.
		var at *engine.StatementError
		if errors.As(err, &at) && at.Line > 0 {
			at.Line += sh.first
		}
		return err
	}
	if mark, _ := in.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = in.Discard(len(mark)) // what was peeked is there
	}
	for {
		line, readErr := in.ReadString('\n')
		if err := sh.feed(ctx, line, stop); err != nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err() // feed has dropped what was left
		case readErr == io.EOF:
			if err := sh.feed(ctx, "\n;", stop); err != nil { // the last one may lack its semicolon
				return err
			}
			if sh.pending == "" {
				return nil
			}
			// A text, a name or a comment is not closed.
			sh.first = sh.line + leadingLines(sh.pending)
			return stop(sh.statement(ctx, strings.TrimSpace(sh.pending)))
		case readErr != nil:
			return fmt.Errorf("read standard input: %w", readErr)
		}
	}
}

// feed adds lines to what is pending and answers the statements and commands that they
// complete. failed is called with what goes wrong; an error that it returns ends the
// shell. When the context ends, what is left is dropped.
func (sh *shell) feed(ctx context.Context, lines string, failed func(error) error) error {
	sh.pending += lines
	for ctx.Err() == nil {
		var err error
		if command := metaLine(sh.pending); command != "" {
			sh.take(len(sh.pending) - len(skipBlank(sh.pending)) + len(command))
			sh.first = 0
			err = sh.meta(ctx, strings.TrimSpace(command))
		} else {
			statement, rest, ok := splitStatement(sh.pending)
			if !ok {
				return nil
			}
			sh.first = sh.line + leadingLines(statement)
			sh.take(len(sh.pending) - len(rest))
			if blank(statement) {
				continue
			}
			err = sh.statement(ctx, strings.TrimSpace(statement))
		}
		if errors.Is(err, errQuit) {
			return err
		}
		if err != nil {
			if err := failed(err); err != nil {
				return err
			}
		}
	}
	sh.take(len(sh.pending))
	return nil
}

// leadingLines counts the lines before the first that is not blank.
func leadingLines(text string) int {
	return strings.Count(text[:len(text)-len(strings.TrimLeftFunc(text, unicode.IsSpace))], "\n")
}

// take drops the first n bytes of what is pending.
func (sh *shell) take(n int) {
	sh.line += strings.Count(sh.pending[:n], "\n")
	sh.pending = sh.pending[n:]
}

// statement answers one statement, or explains it.
func (sh *shell) statement(ctx context.Context, sql string) error {
	sql, explain := strings.CutPrefix(sql, metaExplain)
	if sql = strings.TrimSpace(sql); sql != "" {
		sh.last = sql
	}
	if sh.last == "" {
		return errors.New(`explain what? Try: \explain SELECT count(*) FROM events;`)
	}
	d, err := engine.ParseDialect(sh.dialect)
	if err != nil {
		return err
	}
	r := engine.Request{SQL: sh.last, Dialect: d}
	if explain {
		return sh.explain(ctx, r)
	}
	return sh.query(ctx, r, &sh.output)
}

func (sh *shell) query(ctx context.Context, r engine.Request, out *outputOptions) error {
	began := time.Now()
	result, err := sh.engine.Query(ctx, sh.eo.apply(r))
	if err == nil {
		err = sh.app.writeResult(ctx, out, result)
	}
	if sh.timing {
		sh.app.say("%s\n", timeTaken(time.Since(began)))
	}
	return err
}

func (sh *shell) explain(ctx context.Context, r engine.Request) error {
	text, err := sh.engine.Explain(ctx, sh.eo.apply(r))
	if err != nil {
		return err
	}
	_, err = io.WriteString(sh.app.stdout, text)
	return err
}

// timeTaken says how long a statement took, as psql does.
func timeTaken(d time.Duration) string {
	text := fmt.Sprintf("Time: %.3f ms", float64(d.Microseconds())/1000)
	if d < time.Second {
		return text
	}
	rest := d % time.Minute
	text += fmt.Sprintf(" (%02d:%06.3f)", int(d/time.Minute)%60, rest.Seconds())
	if d >= time.Hour {
		text = strings.Replace(text, "(", fmt.Sprintf("(%02d:", int(d/time.Hour)), 1)
	}
	return text
}
