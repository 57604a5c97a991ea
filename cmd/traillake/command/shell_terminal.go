package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/peterh/liner"
)

// interactive reads from the terminal until the user leaves.
func (sh *shell) interactive() error {
	// From here on an interrupt stops a query and not the shell: where no query
	// listens, it is lost in this channel.
	lost := make(chan os.Signal, 1)
	signal.Notify(lost, os.Interrupt)
	defer signal.Stop(lost)
	ctx, stop := signal.NotifyContext(sh.app.noSignals(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	c, err := sh.newCompleter(ctx)
	if err != nil {
		return err
	}
	line := liner.NewLiner()
	line.SetCtrlCAborts(true)
	line.SetMultiLineMode(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	line.SetWordCompleter(func(text string, at int) (string, []string, string) {
		return c.complete(sh.pending, text, at, sh.dialect)
	})
	return errors.Join(sh.loop(ctx, line, sh.openHistory(line)), line.Close())
}

func (sh *shell) loop(ctx context.Context, line *liner.State, history *history) error {
	sh.app.say("Type SQL that ends with a semicolon; Tab completes, \\? lists the commands, \\q leaves.\n")
	for {
		prompt := "traillake> "
		if !blank(sh.pending) {
			prompt = "       ... "
		}
		text, err := ask(ctx, line, prompt)
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			sh.take(len(sh.pending))
			continue
		case err == io.EOF:
			sh.app.say("\n")
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("read line: %w", err)
		}
		if command, ok := plainWords[strings.ToLower(strings.Trim(text, " ;"))]; ok && blank(sh.pending) {
			text = command
		}
		typed := sh.pending + text
		err = sh.answer(ctx, text)
		if text := oneLine(strings.TrimSuffix(typed, sh.pending)); blank(sh.pending) && text != "" {
			history.add(text)
		}
		if err != nil {
			return err
		}
	}
}

// plainWords are what people type who do not know the commands.
var plainWords = map[string]string{"help": `\?`, "quit": `\q`, "exit": `\q`}

// answer feeds a line. An interrupt ends what it started.
func (sh *shell) answer(ctx context.Context, text string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	return sh.feed(ctx, text+"\n", func(err error) error {
		if errors.Is(err, context.Canceled) {
			err = errors.New("stopped")
		}
		sh.app.say("%s %v\n", sh.app.red("error:"), err)
		return nil
	})
}

// ask reads a line. When the context ends first, the reading goes on, so that the
// program has to end too.
func ask(ctx context.Context, line *liner.State, prompt string) (text string, err error) {
	done := make(chan struct{})
	var answer struct {
		text string
		err  error
	}
	go func() {
		defer close(done)
		answer.text, answer.err = line.Prompt(prompt)
	}()
	select {
	case <-done:
		return answer.text, answer.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// edit lets the user write the next statement with an editor, which begins with the last
// one, and runs it.
func (sh *shell) edit(ctx context.Context) (err error) {
	if !isTerminal(sh.app.stdin) {
		return errors.New("edit statement: there is no terminal for the editor")
	}
	dir, err := os.MkdirTemp("", "traillake-")
	if err != nil {
		return fmt.Errorf("edit statement: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "statement.sql")
	if err := os.WriteFile(file, []byte(sh.last+";\n"), 0o600); err != nil {
		return fmt.Errorf("edit statement: %w", err)
	}
	editor := "vi"
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if e := sh.app.getenv(name); e != "" {
			editor = e
			break
		}
	}
	// The variable may hold arguments, as in "code --wait".
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", editor+` "$1"`, editor, file)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = sh.app.stdin, sh.app.stdout, sh.app.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("edit statement with %s: %w", editor, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("edit statement: %w", err)
	}
	sh.app.say("%s", text)
	sh.pending = string(text) + sh.pending
	return nil
}
