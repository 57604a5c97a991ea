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
	"regexp"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/spf13/pflag"

	"traillake/engine"
	"traillake/engine/encode"
)

// outputOptions are the flags of commands that print rows.
type outputOptions struct {
	format formatFlag
	file   string
	// width is how wide a table may be where it is not written to a terminal; 0 means
	// as wide as it likes.
	width int
	// expanded shows each row of a table as lines of name and value.
	expanded bool
	// again is what computes a kept result anew; empty means --fresh.
	again string
	// limit is the most rows that a saved query lets through, and raise what gives it
	// another one; 0 where it has none.
	limit int64
	raise string
}

func (o *outputOptions) addFlags(f *pflag.FlagSet) {
	f.Var(&o.format, "format", "`format` of the rows: "+strings.Join(encode.Names(), ", ")+" (default: table on a terminal, csv elsewhere)")
	f.StringVarP(&o.file, "output", "o", "", "write the rows to this `file`; its ending chooses the format")
}

// given reports whether one of the flags was.
func (o *outputOptions) given() bool { return o.file != "" || o.format.given }

// formatFlag is an output format that may not be given.
type formatFlag struct {
	format encode.Format
	given  bool
}

// tableFormat is the format of what is made for people.
var tableFormat = formatFlag{format: encode.Table, given: true}

// String implements pflag.Value.
func (f *formatFlag) String() string {
	if !f.given {
		return ""
	}
	return f.format.String()
}

// Type implements pflag.Value.
func (f *formatFlag) Type() string { return "format" }

// Set implements pflag.Value.
func (f *formatFlag) Set(name string) (err error) {
	f.format, err = encode.ParseFormat(name)
	f.given = err == nil
	return err
}

// endings are the endings of file names that tell a format.
var endings = map[string]encode.Format{
	".csv": encode.CSV, ".tsv": encode.TSV, ".json": encode.JSON, ".jsonl": encode.JSONL, ".ndjson": encode.JSONL,
	".md": encode.Markdown, ".parquet": encode.Parquet, ".txt": encode.Table,
}

// choose returns the format to write.
func (o *outputOptions) choose(terminal bool) (encode.Format, error) {
	if o.format.given {
		if o.format.format == encode.Parquet && o.file == "" && terminal {
			return 0, errors.New("parquet is no text; write it to a file with -o FILE.parquet")
		}
		return o.format.format, nil
	}
	if o.file != "" {
		if f, ok := endings[strings.ToLower(filepath.Ext(o.file))]; ok {
			return f, nil
		}
		return 0, fmt.Errorf("the name %s tells no format; add --format with one of: %s", o.file, strings.Join(encode.Names(), ", "))
	}
	if terminal {
		return encode.Table, nil
	}
	return encode.CSV, nil
}

// batches yields record batches until io.EOF. engine.Result is one.
type batches interface {
	Schema() *arrow.Schema
	Next(ctx context.Context) (arrow.RecordBatch, error)
}

// write encodes all rows to where the options say. A file appears only when it is
// complete.
func (a *app) write(ctx context.Context, o *outputOptions, rows batches) error {
	terminal := o.file == "" && isTerminal(a.stdout)
	format, err := o.choose(terminal)
	if err != nil {
		return err
	}
	eo := encode.Options{Width: o.width, Expanded: o.expanded, Terminal: terminal}
	if terminal {
		eo.Width = width(a.stdout)
	}
	if o.file == "" {
		return encodeRows(ctx, a.stdout, format, eo, rows)
	}
	err = replaceFile(o.file, func(w io.Writer) error { return encodeRows(ctx, w, format, eo, rows) })
	if err != nil {
		return fmt.Errorf("write %s: %w", o.file, err)
	}
	return nil
}

// replaceFile has write make the contents of a file, which takes its place once it is whole. A link is
// followed, as a shell does; to what is no regular file, such as a pipe, it is written directly, and so
// it is to /dev/stdout and its like, whatever file stands behind them.
func replaceFile(name string, write func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o600)
	switch there, err := os.Stat(name); {
	case err == nil && there.Mode().IsRegular() && !openStream.MatchString(filepath.Clean(name)):
		mode = there.Mode().Perm()
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return err
		}
	case err == nil:
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		if _, err := os.Lstat(name); err == nil {
			return errors.New("it is a link to a file that is not there")
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".traillake-*")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s; make it first", filepath.Dir(name))
	}
	if err != nil {
		return pathless(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync() // a crash leaves the old contents or the new
	}
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// replaceText does so with a text, and makes the file's folder.
func replaceText(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	err := replaceFile(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// openStream are names of files that a process has open.
var openStream = regexp.MustCompile(`^(/dev/(stdin|stdout|stderr|fd/)|/proc/)`)

// pathless is the cause of an error of a file whose name is nobody's business.
func pathless(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func encodeRows(ctx context.Context, w io.Writer, format encode.Format, o encode.Options, rows batches) error {
	if l, ok := rows.(*listing); ok {
		o.Listing, o.Minor = true, l.minor
	}
	enc, err := encode.New(format, w, rows.Schema(), o)
	if err != nil {
		return err
	}
	for {
		b, err := rows.Next(ctx)
		if err == io.EOF {
			return enc.Close()
		}
		if err != nil {
			return err
		}
		err = enc.Write(b)
		b.Release()
		if err != nil {
			return err
		}
	}
}

// writeResult encodes a query's rows and closes it. People are told how many rows it
// had and how long it took.
func (a *app) writeResult(ctx context.Context, o *outputOptions, r *engine.Result) error {
	err := errors.Join(a.write(ctx, o, r), r.Close())
	if err == nil && isTerminal(a.stderr) && (o.file != "" || isTerminal(a.stdout)) {
		a.say("%s\n", resultSummary(r.Stats(), cmp.Or(o.again, "--fresh")))
	}
	// A saved query cuts where its author thought it long enough. Whoever counts the rows
	// must know.
	if n := r.Stats().Rows; err == nil && n > 0 && n == o.limit {
		a.say("%s, the query's limit: there may be more; %s\n", printer{people: true}.things(n, "row", "rows"), o.raise)
	}
	return err
}

// resultSummary is the line under the rows. again computes kept ones anew.
func resultSummary(s engine.Stats, again string) string {
	pr := printer{people: true}
	text := fmt.Sprintf("%s in %s", pr.things(s.Rows, "row", "rows"), seconds(s.Elapsed))
	switch {
	case !s.Kept.IsZero():
		text += fmt.Sprintf(" (kept result of %s; %s asks again)", longAgo(time.Since(s.Kept)), again)
	case s.FilesTotal > 0:
		text += fmt.Sprintf(" (%s of %s opened)", pr.count(int64(s.FilesRead)), pr.things(int64(s.FilesTotal), "data file", "data files"))
	}
	return text
}
