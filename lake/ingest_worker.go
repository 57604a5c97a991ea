package lake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"traillake/internal/ctxread"
	"traillake/internal/inflate"
	"traillake/lake/source"
	"traillake/schema"
)

const (
	// stdinKey is the key of standard input, which is another object every time.
	stdinKey = "-"
	// maxScratch is how much a worker keeps to read the next object into.
	maxScratch = 1 << 20
)

// worker reads objects of one batch, one after the other, and gives their rows to the
// assembly.
type worker struct {
	in      *ingest
	batch   *Batch
	rows    *assembly
	ledger  *Ledger
	dec     *schema.Decoder
	rec     schema.Record
	gz      *gzip.Reader
	days    map[Day]*dayBuilder
	last    *dayBuilder // of days, which the last row went to; nil before
	text    int         // bytes in all builders
	turn    int64
	result  IngestResult
	scratch bytes.Buffer
	hashed  []byte // what was hashed last
	content []byte // the object's text, where it is held whole
}

// dayBuilder collects the rows of one day.
type dayBuilder struct {
	day     Day
	builder *schema.Builder
	used    int64 // turn of the last row
}

func newWorker(in *ingest, rows *assembly, l *Ledger) *worker {
	return &worker{
		in: in, batch: rows.batch, rows: rows, ledger: l, dec: schema.NewDecoder(nil, in.o.Limits), days: make(map[Day]*dayBuilder),
	}
}

// finish gives away what is left.
func (w *worker) finish() error {
	for _, d := range w.days {
		if err := w.hand(d); err != nil {
			return err
		}
	}
	return nil
}

// object reads one object. The error is one that ends the ingest; what is wrong with
// the object itself goes into the result.
func (w *worker) object(ctx context.Context, obj source.Object, text *atomic.Int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stored, decoded := w.result.Stored, w.result.BytesText
	err := w.read(ctx, obj)
	text.Add(w.result.BytesText - decoded)
	var failed *objectFailure
	switch {
	case errors.As(err, &failed):
		w.result.ObjectsFailed++
		w.result.Failures = firstFew(append(w.result.Failures, ObjectProblem{Object: obj.Key, Reason: failed.err.Error()}))
	case err != nil:
		return err
	}
	w.in.advance(1, obj.Size, w.result.Stored-stored)
	return nil
}

// objectFailure is an error that concerns one object and left no trace in the batch.
type objectFailure struct{ err error }

func (e *objectFailure) Error() string { return e.err.Error() }
func (e *objectFailure) Unwrap() error { return e.err }

func (w *worker) read(ctx context.Context, obj source.Object) error {
	if w.ledger.Has(objectID(obj)) {
		w.result.ObjectsKnown++
		return nil
	}
	entry := ObjectEntry{
		Bucket: obj.Bucket, Key: obj.Key, Version: obj.Version, ETag: obj.ETag, Size: obj.Size, MTime: obj.ModTime,
		Account: obj.Place.Account, Region: obj.Place.Region,
	}
	w.scratch.Reset()
	if w.scratch.Cap() > maxScratch {
		w.scratch = bytes.Buffer{}
	}
	whole := obj.Size <= w.in.o.WholeObject
	var err error
	if entry.SHA256, err = w.hash(ctx, obj, whole); err != nil {
		return w.failure(ctx, err)
	}
	if w.ledger.HasContent(obj.Bucket, obj.Key, entry.SHA256) {
		w.result.ObjectsKnown++
		return nil
	}
	have := whole && w.gunzip()
	if !have && w.unsettled(obj, whole) {
		return &objectFailure{errors.New("it is cut off or large, and may still be being written")}
	}
	if w.in.o.Digests != nil || w.in.o.HashText {
		if have, err = w.hashText(ctx, obj, whole, have, &entry); err != nil {
			return err
		}
	}
	switch {
	case w.in.o.RequireDigests && entry.Verdict != VerdictVerified:
		err = w.refuse(obj, whole, &entry)
	case have:
		w.dec.ResetText(w.content)
		err = w.decode(ctx, obj, &entry)
	case whole:
		err = w.unzip(ctx, obj, bytes.NewReader(w.scratch.Bytes()), &entry)
	default:
		err = w.stream(ctx, obj, &entry)
	}
	if err != nil {
		return err
	}
	w.account(obj, &entry)
	return nil
}

// hash reads the object to its end and returns its SHA-256 in hex. Where keep is set,
// the bytes stay in scratch. An object that changes meanwhile is an error here, before
// anything of it is in the batch.
func (w *worker) hash(ctx context.Context, obj source.Object, keep bool) (string, error) {
	r, err := w.in.src.Open(ctx, obj)
	if err != nil {
		return "", err
	}
	defer r.Close()
	from := ctxread.New(ctx, r)
	if keep { // to hash it then costs less than with every piece
		w.scratch.Grow(int(obj.Size) + bytes.MinRead)
		if _, err := w.scratch.ReadFrom(from); err != nil {
			return "", err
		}
		sum := sha256.Sum256(w.scratch.Bytes())
		return hex.EncodeToString(sum[:]), nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, from); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stream decodes an object that was hashed before, as it is read.
func (w *worker) stream(ctx context.Context, obj source.Object, e *ObjectEntry) error {
	r, err := w.in.src.Open(ctx, obj)
	if err != nil {
		return w.failure(ctx, err)
	}
	defer r.Close()
	hashed := &hashReader{r: ctxread.New(ctx, r), hash: sha256.New()}
	if err := w.unzip(ctx, obj, hashed, e); err != nil {
		return err
	}
	// What the decoder did not want to read belongs to the object, too. That reading
	// failed is no damage of the object, even if the decoder took it for one.
	if _, err := io.Copy(io.Discard, hashed); err != nil || hashed.err != nil {
		return &lostObject{obj, errors.Join(hashed.err, ctx.Err())}
	}
	if hashed.sum() != e.SHA256 {
		return &lostObject{obj, source.ErrChanged}
	}
	return nil
}

// failure keeps cancellation apart from what is wrong with an object.
func (w *worker) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &objectFailure{err}
}

// account adds the object to the batch and the result.
func (w *worker) account(obj source.Object, e *ObjectEntry) {
	e.Status = StatusOK
	if e.Quarantined > 0 {
		e.Status = StatusPartial
		if e.RowsOut == 0 {
			e.Status = StatusQuarantined
		}
		w.result.ObjectsDamaged++
	}
	switch e.Verdict {
	case VerdictVerified:
		w.result.ObjectsVerified++
	case VerdictFailed:
		w.result.ObjectsMismatched++
		if !w.in.o.RequireDigests {
			w.result.Mismatches = firstFew(append(w.result.Mismatches, ObjectProblem{Object: obj.Key, Reason: mismatch(e.TextSHA256, e.Digest)}))
		}
	}
	w.result.ObjectsIngested++
	w.result.RecordsRead += e.RowsIn
	w.result.Stored += e.RowsOut
	w.result.Filtered += e.Filtered
	w.result.Quarantined += e.Quarantined
	w.result.BytesRead += e.Size
	w.result.BytesText += e.Bytes
	if again := w.batch.AddObject(*e); obj.Key != stdinKey && (again || w.ledger.HasLog(obj.Bucket, obj.Key)) {
		w.result.ObjectsChanged++
	}
}

// unzip reads the records of an object as delivered.
func (w *worker) unzip(ctx context.Context, obj source.Object, delivered io.Reader, e *ObjectEntry) error {
	text, err := w.decompress(delivered)
	if err != nil {
		return w.quarantine(obj, e, &schema.RecordError{Err: err, Raw: w.head()})
	}
	w.dec.Reset(&limitReader{r: ctxread.New(ctx, text), left: w.in.o.MaxObject, max: w.in.o.MaxObject})
	return w.decode(ctx, obj, e)
}

// decode reads the records that the decoder was set to into the builders.
func (w *worker) decode(ctx context.Context, obj source.Object, e *ObjectEntry) error {
	from := schema.Provenance{Source: obj.Key, Region: obj.Place.Region, Account: obj.Place.Account, Seq: w.batch.Seq()}
	events := multisetSum{buf: w.hashed}
	defer func() { w.hashed = events.buf }()
	var reported error // why reading ended, when the record that it cut says so
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := w.dec.Next(&w.rec)
		if err == nil {
			e.RowsIn++
			if !w.batch.Takes(&w.rec) {
				e.Filtered++
				continue
			}
			if err := w.append(from); err != nil {
				return err
			}
			e.RowsOut++
			addEvent(&events, w.rec.EventID(), w.rec.RecipientAccount(), w.rec.EventTime())
			e.Multiset = events.Multiset
			continue
		}
		var bad *schema.RecordError
		switch {
		case errors.As(err, &bad):
			reported = bad.Err
			if err := w.quarantine(obj, e, bad); err != nil {
				return err
			}
		case err == io.EOF:
			e.Bytes = w.dec.Offset()
			if e.Bytes == 0 {
				return w.quarantine(obj, e, &schema.RecordError{Err: errors.New("the file is empty")})
			}
			return nil
		default:
			e.Bytes = w.dec.Offset()
			if err == reported {
				return nil
			}
			return w.quarantine(obj, e, &schema.RecordError{Offset: e.Bytes, Err: err})
		}
	}
}

// gunzip unzips scratch into content, if it is gzip, sound and of usual size. What it
// does not take, decompress reads.
func (w *worker) gunzip() bool {
	if cap(w.content) > keptContent {
		w.content = nil
	}
	var err error
	w.content, err = inflate.Gunzip(w.content[:0], w.scratch.Bytes(), int(min(maxContent, w.in.o.MaxObject)))
	return err == nil
}

// decompress finds by content whether the object is gzip.
func (w *worker) decompress(r io.Reader) (io.Reader, error) {
	var magic [2]byte
	if whole, ok := r.(*bytes.Reader); ok { // which the library reads faster than a stream
		_, _ = whole.ReadAt(magic[:], 0) // shorter files are no gzip
	} else {
		b := bufio.NewReaderSize(r, 64<<10)
		text, err := b.Peek(len(magic))
		if err != nil && err != io.EOF {
			return nil, err
		}
		copy(magic[:], text)
		r = b
	}
	if magic != [2]byte{0x1f, 0x8b} {
		return r, nil
	}
	if w.gz == nil {
		w.gz = new(gzip.Reader)
	}
	if err := w.gz.Reset(r); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = fmt.Errorf("gzip: the file is cut off: %w", err)
		}
		return nil, err
	}
	return gzipText{w.gz}, nil
}

// gzipText says of an end that comes too early that it is gzip's.
type gzipText struct{ r io.Reader }

func (g gzipText) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	switch {
	case err == io.ErrUnexpectedEOF:
		err = fmt.Errorf("gzip: the file is cut off: %w", err)
	case errors.Is(err, gzip.ErrHeader):
		err = fmt.Errorf("gzip: neither the end nor another member: %w", err)
	case errors.Is(err, gzip.ErrChecksum):
		// Which of its bytes are wrong nobody knows. Its digest tells, if it has one.
		err = fmt.Errorf("%w: the records that were read of the file may not be what was delivered", err)
	}
	return n, err
}

// head returns a copy of an object that was read whole.
func (w *worker) head() []byte { return bytes.Clone(w.scratch.Bytes()) }

// quarantine puts a stretch of the object aside. It counts as one record read.
func (w *worker) quarantine(obj source.Object, e *ObjectEntry, bad *schema.RecordError) error {
	e.RowsIn++
	e.Quarantined++
	w.result.Damage = firstFew(append(w.result.Damage, ObjectProblem{Object: obj.Key, Offset: bad.Offset, Reason: bad.Err.Error()}))
	return w.batch.Quarantine(Quarantined{
		Bucket: obj.Bucket, Key: obj.Key, SHA256: e.SHA256, Offset: bad.Offset, Length: max(bad.Length, int64(len(bad.Raw))),
		Reason: bad.Err.Error(), Raw: bad.Raw, Time: time.Now().UTC(),
	})
}

// append adds the decoded record to the rows of its day.
func (w *worker) append(from schema.Provenance) error {
	day := Day(w.rec.Day())
	d := w.last
	if d == nil || d.day != day {
		d = w.days[day]
		w.last = d
	}
	if d == nil {
		if len(w.days) >= maxDays {
			oldest := w.choose(func(d, than *dayBuilder) bool { return d.used < than.used })
			if err := w.hand(oldest); err != nil {
				return err
			}
			delete(w.days, oldest.day)
		}
		d = &dayBuilder{day: day, builder: schema.NewBuilder()}
		w.days[day], w.last = d, d
	}
	w.turn++
	d.used = w.turn
	before := d.builder.Bytes()
	d.builder.Append(&w.rec, from)
	w.text += d.builder.Bytes() - before
	if d.builder.Len() >= maxRows/w.in.o.Workers || d.builder.Bytes() >= maxText/2 {
		return w.hand(d)
	}
	if w.text >= w.in.o.Memory/2/w.in.o.Workers {
		return w.hand(w.choose(func(d, than *dayBuilder) bool { return d.builder.Bytes() > than.builder.Bytes() }))
	}
	return nil
}

// choose returns the day that comes before all others.
func (w *worker) choose(before func(d, than *dayBuilder) bool) (first *dayBuilder) {
	for _, d := range w.days {
		if first == nil || before(d, first) {
			first = d
		}
	}
	return first
}

// hand gives the rows of a day to the assembly.
func (w *worker) hand(d *dayBuilder) error {
	size := d.builder.Bytes()
	if d.builder.Len() == 0 {
		return nil
	}
	w.text -= size
	return w.rows.add(d.day, d.builder.NewRecordBatch(), size)
}

// hashReader hashes what is read through it, and remembers why reading failed.
type hashReader struct {
	r    io.Reader
	hash hash.Hash
	err  error
}

func (h *hashReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.hash.Write(p[:n])
	if err != nil && err != io.EOF {
		h.err = err
	}
	return n, err
}

func (h *hashReader) sum() string { return hex.EncodeToString(h.hash.Sum(nil)) }

// limitReader fails where io.LimitReader would pretend the end: after max bytes, if there are more.
type limitReader struct {
	r         io.Reader
	left, max int64 // left is negative once it failed
}

func (l *limitReader) Read(p []byte) (int, error) {
	n := 0
	if l.left >= 0 { // one byte more tells whether the object ends where it may
		var err error
		n, err = l.r.Read(p[:min(int64(len(p))-1, l.left)+1])
		if l.left -= int64(n); l.left >= 0 {
			return n, err
		}
		n--
	}
	return n, fmt.Errorf("the object decompresses to more than %d bytes", l.max)
}
