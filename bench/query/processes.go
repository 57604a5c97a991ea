package query

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"traillake/bench/cost"
	"traillake/queries"
)

// runProcess has the program itself answer a query, and counts the rows that it prints.
func (b *bench) runProcess(ctx context.Context, t *task, text string, to *rows) (once, error) {
	text, err := queries.Substitute(text, t.params(b.values))
	if err != nil {
		return once{}, err
	}
	args := []string{"query", "--lake", b.lakeDir, "--format", "jsonl"}
	if b.Memory > 0 {
		args = append(args, "--max-memory", strconv.FormatInt(b.Memory, 10))
	}
	cmd := b.Command(ctx, append(args, text)...)
	if b.Threads > 0 {
		cmd.Env = append(cmd.Environ(), "GOMAXPROCS="+strconv.Itoa(b.Threads)) // which the database goes by
	}
	p, err := cost.Run(cmd)
	if err != nil {
		return once{}, errors.Join(err, ctx.Err())
	}
	return counted(p, to, -1), nil
}

// counted is a process that prints a line for each row.
func counted(p *cost.Process, to *rows, files int) once {
	o := once{Cost: p.Cost, rows: int64(strings.Count(string(p.Stdout), "\n")), read: -1, opened: files, total: files, peak: p.Peak}
	if to != nil {
		to.n = o.rows
	}
	return o
}

// argumentBytes is about how long a command line gets, well below what Linux takes.
const argumentBytes = 100_000

// runZgrep counts the records with the eventID.
func (b *bench) runZgrep(ctx context.Context, s *system, to *rows) (once, error) {
	pattern := `"eventID":"` + b.values["id"].Text() + `"`
	var all cost.Process
	for rest := s.files; len(rest) > 0; {
		n, length := 0, 0
		for n < len(rest) && length < argumentBytes {
			length += len(rest[n]) + 1
			n++
		}
		cmd := exec.CommandContext(ctx, "zgrep", append([]string{"-h", "-o", "-F", "-e", pattern, "--"}, rest[:n]...)...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		p, err := cost.Run(cmd, 1) // 1 is that it found nothing
		if err != nil {
			return once{}, errors.Join(err, ctx.Err())
		}
		all.Cost, all.Peak, all.Stdout = all.Plus(p.Cost), max(all.Peak, p.Peak), append(all.Stdout, p.Stdout...)
		rest = rest[n:]
	}
	return counted(&all, to, len(s.files)), nil
}
