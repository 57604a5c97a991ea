package evidence

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"traillake/lake"
)

// The columns of the CSV files.
var (
	fileColumns   = []string{"kind", "path", "size", "sha256", "events"}
	objectColumns = []string{
		"store", "bucket", "key", "version", "etag", "mtime", "size", "sha256", "text_size", "text_sha256",
		"records", "stored", "filtered", "quarantined", "status", "commit", "verdict", "digest",
	}
)

func fileRow(f lake.StoredFile) []string {
	return []string{string(f.Kind), f.Path, number(f.Size), f.SHA256, number(f.Rows)}
}

func objectRow(store string, o lake.ObjectEntry) []string {
	mtime := ""
	if !o.MTime.IsZero() {
		mtime = o.MTime.UTC().Format(time.RFC3339Nano)
	}
	return []string{
		store, o.Bucket, o.Key, o.Version, o.ETag, mtime, number(o.Size), o.SHA256, number(o.Bytes), o.TextSHA256,
		number(o.RowsIn), number(o.RowsOut), number(o.Filtered), number(o.Quarantined), string(o.Status), number(o.Seq), string(o.Verdict), o.Digest,
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// object is what a check needs of a row of objects.csv.
type object struct {
	store, bucket, key string
	sha256             string // empty where the object was not read to its end
}

func (o object) String() string {
	if o.bucket == "" {
		return o.key
	}
	return "s3://" + o.bucket + "/" + o.key
}

// maxRow bounds what a hostile table can make us hold, in bytes: keys have up to 1024.
const maxRow = 1 << 20

// rows reads a CSV file with the given columns, and maybe others behind them. The slice is
// good until the next row.
func rows(r io.Reader, columns []string, row func([]string) error) error {
	limit := &rowLimit{r: r}
	in := csv.NewReader(limit)
	in.ReuseRecord = true
	for n := 0; ; n++ {
		limit.left = maxRow
		fields, err := in.Read()
		if n > 0 && errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no table: %w", err)
		}
		if n == 0 {
			if len(fields) < len(columns) || !slices.Equal(fields[:len(columns)], columns) {
				return fmt.Errorf("it begins with %q, want the columns %s", strings.Join(fields, ","), strings.Join(columns, ","))
			}
			continue
		}
		if err := row(fields); err != nil {
			line, _ := in.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a row has more than %d bytes", maxRow)
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// readFiles reads files.csv. Each path is one of a lake and is listed once.
func readFiles(r io.Reader, found func(lake.StoredFile) error) error {
	seen := make(map[string]bool)
	return rows(r, fileColumns, func(f []string) error {
		size, err := count(f[2])
		if err != nil {
			return err
		}
		events, err := count(f[4])
		if err != nil {
			return err
		}
		p := strings.Clone(f[1])
		switch {
		case !filepath.IsLocal(p) || path.Clean(p) != p || strings.Contains(p, `\`):
			return fmt.Errorf("%q is no path in a lake", p)
		case seen[p]:
			return fmt.Errorf("%s is listed twice", p)
		case !lake.ValidSHA256(f[3]):
			return fmt.Errorf("%s has sha256 %q", p, f[3])
		}
		seen[p] = true
		return found(lake.StoredFile{Kind: lake.FileKind(strings.Clone(f[0])), Path: p, Size: size, SHA256: strings.Clone(f[3]), Rows: events})
	})
}

// readObjects reads objects.csv.
func readObjects(r io.Reader, found func(object) error) error {
	return rows(r, objectColumns, func(f []string) error {
		if _, err := count(f[6]); err != nil {
			return err
		}
		o := object{store: f[0], bucket: f[1], key: f[2], sha256: f[7]}
		if o.key == "" || o.sha256 != "" && !lake.ValidSHA256(o.sha256) {
			return fmt.Errorf("object %q has sha256 %q", o.key, o.sha256)
		}
		return found(o)
	})
}

func count(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no number of anything", text)
	}
	return n, nil
}
