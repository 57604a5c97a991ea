package gen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"
)

// logKind says which log a record goes to.
type logKind struct {
	account, region int
	category        category
	second          bool // the log of the second trail
}

type category uint8

const (
	catTrail category = iota // management and data events
	catInsight
	catNetwork
)

var categoryFolders = [...]string{"CloudTrail", "CloudTrail-Insight", "CloudTrail-NetworkActivity"}

func categoryOf(ev *event) category {
	switch ev.category {
	case "Insight":
		return catInsight
	case "NetworkActivity":
		return catNetwork
	default:
		return catTrail
	}
}

// An outbox gathers the records of one delivery and writes them as files. Its buffers
// are reused. A worker has one.
type outbox struct {
	w    *world
	dir  string
	made map[string]bool // folders that exist
	open map[logKind]*pending
	free []*pending
	gzip *gzip.Writer
	body bytes.Buffer
	err  error // the first one; later puts do nothing

	files, bytes, compressed int64
	logs                     []logFile // with Config.Digests
}

// pending is a file that is not written yet.
type pending struct {
	buf    []byte
	n      int
	newest int64
	oldest int64
}

func newOutbox(w *world, dir string) *outbox {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &outbox{w: w, dir: dir, made: map[string]bool{}, open: map[logKind]*pending{}, gzip: z}
}

const envelope = `{"Records":[`

func (o *outbox) put(u *unit, k logKind, rec []byte, time int64) {
	f := o.open[k]
	if f != nil && (f.n >= 2*o.w.c.FileRecords || len(f.buf)+len(rec)+3 > o.w.c.FileBytes) {
		o.write(u, k, f)
		f = nil
	}
	if f == nil {
		f = o.take()
		o.open[k] = f
	}
	if f.n > 0 {
		f.buf = append(f.buf, ',')
	}
	f.buf = append(f.buf, rec...)
	f.n++
	f.newest = max(f.newest, time)
	if f.n == 1 || time < f.oldest {
		f.oldest = time
	}
}

func (o *outbox) take() *pending {
	f := &pending{}
	if n := len(o.free); n > 0 {
		f, o.free = o.free[n-1], o.free[:n-1]
	}
	f.buf, f.n, f.newest = append(f.buf[:0], envelope...), 0, 0
	return f
}

// flush writes all files, in an order that does not depend on chance.
func (o *outbox) flush(u *unit) error {
	keys := make([]logKind, 0, len(o.open))
	for k := range o.open {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b logKind) int { return a.rank() - b.rank() })
	for _, k := range keys {
		o.write(u, k, o.open[k])
	}
	clear(o.open)
	return o.err
}

func (k logKind) rank() int {
	r := ((k.account<<8|k.region)<<2 | int(k.category)) << 1
	if k.second {
		r++
	}
	return r
}

// write delivers one file: about five minutes after its newest event, at a time that
// is a multiple of five minutes.
func (o *outbox) write(u *unit, k logKind, f *pending) {
	at := (f.newest/300 + 1 + int64(u.rnd.below(2))) * 300
	unique := u.rnd.appendDigits(nil, 16, base64Digits)
	for i, c := range unique {
		if c == '+' || c == '/' {
			unique[i] = 'x'
		}
	}
	buf := append(f.buf, ']', '}')
	if o.err == nil {
		path := o.w.path(k, time.Unix(at, 0).UTC(), string(unique))
		if o.err = o.save(path, buf); o.w.c.Digests {
			sum := sha256.Sum256(buf)
			o.logs = append(o.logs, logFile{k, path, at, hex.EncodeToString(sum[:]), f.oldest, f.newest})
		}
	}
	f.buf = buf
	o.free = append(o.free, f)
}

// path returns the path of a log file below the target folder.
func (w *world) path(k logKind, at time.Time, unique string) string {
	a, region, folder := w.accounts[k.account], regionNames[k.region], categoryFolders[k.category]
	path := "AWSLogs/"
	if k.second {
		path = SecondTrail + "/" + path
	} else if w.c.Organization {
		path += w.org + "/"
	}
	return path + a.id + "/" + folder + "/" + region + at.Format("/2006/01/02/") +
		a.id + "_" + folder + "_" + region + "_" + at.Format("20060102T1504Z") + "_" + unique + ".json.gz"
}

func (o *outbox) save(path string, body []byte) error {
	path = filepath.Join(o.dir, filepath.FromSlash(path))
	if d := filepath.Dir(path); !o.made[d] {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("write log file: %w", err)
		}
		o.made[d] = true
		if len(o.made) > 4096 {
			clear(o.made)
		}
	}
	o.body.Reset()
	o.gzip.Reset(&o.body)
	if _, err := o.gzip.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", path, err)
	}
	if err := o.gzip.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", path, err)
	}
	if err := os.WriteFile(path, o.body.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write log file: %w", err)
	}
	o.files++
	o.bytes += int64(len(body))
	o.compressed += int64(o.body.Len())
	return nil
}
