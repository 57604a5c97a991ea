package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"traillake/engine"
	"traillake/internal/awsclient"
	"traillake/lake"
	"traillake/queries"
	"traillake/schedule"
)

// Environment variables that commands read.
const (
	envLake    = "TRAILLAKE_LAKE"
	envQueries = "TRAILLAKE_QUERIES"
	envNoColor = "NO_COLOR"
)

// app is what the commands share: the streams and the global flags.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	// noSignals leaves the handling of signals to the caller and returns a context
	// that none of them cancels.
	noSignals func() context.Context

	lakeDir string // --lake, may be empty
	noColor bool   // --no-color
	cache   cacheOptions
	aws     awsclient.Options
	today   string // --today of commands that commit
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// dumb reports whether the terminal takes no escape sequences.
func (a *app) dumb() bool { return a.getenv("TERM") == "dumb" }

// width returns the width of the terminal that stream is, in cells; 0 when it is none. A serial
// line, or a container's terminal, may say 0 itself: it is taken for one of 80.
func width(stream any) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return cmp.Or(w, 80)
}

func (a *app) red(s string) string  { return a.colour("\x1b[31m", s) }
func (a *app) bold(s string) string { return a.colour("\x1b[1m", s) }

// colour marks text that goes to stderr.
func (a *app) colour(code, s string) string {
	if a.noColor || a.getenv(envNoColor) != "" || a.dumb() || !isTerminal(a.stderr) {
		return s
	}
	return code + s + "\x1b[0m"
}

// lakeRoot says where the lake is: flag, environment, default.
func (a *app) lakeRoot() (string, error) {
	if a.lakeDir != "" {
		return a.lakeDir, nil
	}
	if dir := a.getenv(envLake); dir != "" {
		return dir, nil
	}
	dir, err := a.userDir("XDG_DATA_HOME", ".local/share")
	if err != nil {
		return "", fmt.Errorf("where is the lake? Give --lake DIR or set %s: %w", envLake, err)
	}
	return dir, nil
}

// userDir returns traillake's folder of a kind that the XDG base directory
// specification defines. A relative path in the variable counts as none.
func (a *app) userDir(variable, fallback string) (string, error) {
	if dir := a.getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "traillake"), nil
	}
	home := a.getenv("HOME")
	if home == "" {
		return "", errors.New("HOME is not set")
	}
	return filepath.Join(home, filepath.FromSlash(fallback), "traillake"), nil
}

// openLake opens the lake, which must be there. The caller closes it.
func (a *app) openLake(ctx context.Context) (*lake.Lake, error) { return a.openLakeFor(ctx, "") }

// openLakeFor is openLake for a command that asks for a store next; empty for none.
func (a *app) openLakeFor(ctx context.Context, store string) (*lake.Lake, error) {
	root, err := a.lakeRoot()
	if err != nil {
		return nil, err
	}
	o, err := a.lakeOptions(ctx, root)
	if err != nil {
		return nil, err
	}
	o.First = store
	return lake.Open(ctx, root, o)
}

// openLakeWithin is openLakeFor for a command with a time limit; none where that is zero.
func (a *app) openLakeWithin(ctx context.Context, store string, limit time.Duration) (*lake.Lake, error) {
	if limit <= 0 {
		return a.openLakeFor(ctx, store)
	}
	opening, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	l, err := a.openLakeFor(opening, store)
	if err != nil && opening.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w after %s, while the lake was opened: %w", engine.ErrTimeout, limit, err)
	}
	return l, err
}

// makeLake opens the lake and makes it when it is not there. The caller closes it.
func (a *app) makeLake(ctx context.Context) (*lake.Lake, error) {
	root, err := a.lakeRoot()
	if err != nil {
		return nil, err
	}
	o, err := a.lakeOptions(ctx, root)
	if err != nil {
		return nil, err
	}
	return lake.OpenOrCreate(ctx, root, o)
}

func lakeOptions() lake.Options { return lake.Options{Tool: "traillake " + version()} }

// version returns the version of the program: that of the module, or of the commit
// that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

// isTemporary reports whether a path is that of the folder for temporary files, or of one that
// this program made there.
func isTemporary(path string) bool {
	below, err := filepath.Rel(os.TempDir(), path)
	return err == nil && (below == "." || strings.HasPrefix(below, "traillake-"))
}

// diskFull reports whether there is no room, or none that the user may take.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// hintFor says what to do about an error; empty when there is nothing to say.
func hintFor(err error, a *app) string {
	root, rootErr := a.lakeRoot()
	full := diskFull(err)
	var file *fs.PathError
	temporary := errors.As(err, &file) && isTemporary(file.Path)
	switch {
	case temporary && errors.Is(err, fs.ErrNotExist):
		return "Temporary files go there: make that folder, or let TMPDIR name another."
	case temporary && full:
		return "Temporary files go there: free some space, or let TMPDIR name another folder."
	case temporary && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR)):
		return "Temporary files go there: let TMPDIR name a folder that you may write to."
	case rootErr != nil:
		return ""
	case full:
		return "Free some space and do the same again."
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return "More files were open than this process or machine may have: see 'ulimit -n'."
	case errors.Is(err, syscall.EFBIG):
		return "Files of this process may not become that large: see 'ulimit -f'."
	case errors.Is(err, lake.ErrLakeNotFound):
		return fmt.Sprintf("There is no lake in %s yet. 'traillake ingest FOLDER' makes one; --lake DIR or %s names another.", root, envLake)
	case errors.Is(err, lake.ErrCorrupt):
		return "'traillake verify --deep' lists everything that is wrong with the lake."
	case errors.Is(err, lake.ErrPendingDeletion):
		return "'traillake store restore NAME' brings a deleted store back."
	case errors.Is(err, schedule.ErrNotFound):
		return "'traillake schedule list' lists the schedules."
	case errors.Is(err, schedule.ErrAhead):
		return aheadHint
	case errors.Is(err, queries.ErrPackNotFound):
		return "'traillake queries packs' lists the packs, 'traillake queries list' the saved queries."
	case errors.Is(err, queries.ErrNotFound):
		return "'traillake queries list' lists the saved queries."
	default:
		return ""
	}
}
