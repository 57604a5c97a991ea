package query

import (
	"context"
	"errors"
	"os"

	"traillake/lake"
)

// mostLeft is the share of a file that may stay in memory after it was dropped: the kernel
// keeps pages that somebody holds, and reads ahead.
const mostLeft = 0.05

// checkCold drops the files of every system and looks whether they are out of memory. Where
// they are not, nothing is measured cold.
func (b *bench) checkCold() {
	if !b.Cold {
		b.limit("Nothing was measured cold, as asked.")
		return
	}
	var left, all int64
	for _, s := range b.systems {
		for _, f := range s.files {
			if err := dropFile(f); err != nil {
				b.limit("Nothing was measured cold: %v.", err)
				return
			}
			info, err := os.Stat(f)
			n, err2 := resident(f)
			if err := errors.Join(err, err2); err != nil {
				b.limit("Nothing was measured cold: %v.", err)
				return
			}
			left, all = left+min(n, info.Size()), all+info.Size()
		}
	}
	if float64(left) > mostLeft*float64(all)+1<<20 {
		b.limit("Nothing was measured cold: after %s %.0f %% of the files are still in memory, as they are on a file system that is memory.",
			coldMethod, 100*float64(left)/float64(all))
		return
	}
	b.coldAs = coldMethod
}

// dropCaches empties the page cache of what a system reads, and forgets what this process
// remembers of the lake.
func (b *bench) dropCaches(ctx context.Context, s *system) error {
	for _, f := range s.files {
		if err := dropFile(f); err != nil {
			return err
		}
	}
	if s.name != Traillake {
		return nil
	}
	if err := b.lake.Close(); err != nil {
		return err
	}
	l, err := lake.Open(ctx, b.lakeDir, lake.Options{Tool: b.Tool})
	b.lake = l
	if err == nil {
		b.newEngine()
	}
	return err
}
