package lake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"traillake/internal/ctxread"
	"traillake/lake/source"
	"traillake/schema"
)

const (
	// maxContent is up to which size, in bytes, a worker holds the text of an object. That of
	// CloudTrail's files has up to 50 MB; a larger one is unzipped twice where digests are
	// checked.
	maxContent = 16 << 20
	// keptContent is how much a worker keeps of that for the next object.
	keptContent = 4 << 20
)

// judge gives the entry the verdict of the digests, if one names the object. A text that cannot be read to its end is not the one that was delivered.
func (w *worker) judge(obj source.Object, e *ObjectEntry) {
	if w.in.o.Digests == nil {
		return
	}
	if want, by, ok := w.in.o.Digests.Expected(obj.Bucket, obj.Key); ok {
		e.Verdict, e.Digest = judge(e.TextSHA256, want), by
	}
}

// hashText gives the entry the hash of the object's text and the verdict of the digests. It
// comes before the records are read, since what fails may not be taken in; hashing while they are
// decoded costs more, in small pieces (+25 % of an ingest against +14 %). Had says that the text is
// in content, and have that it is now.
func (w *worker) hashText(ctx context.Context, obj source.Object, whole, had bool, e *ObjectEntry) (have bool, err error) {
	if had {
		sum := sha256.Sum256(w.content)
		e.TextSHA256 = hex.EncodeToString(sum[:])
		w.judge(obj, e)
		return true, ctx.Err()
	}
	var delivered io.Reader = bytes.NewReader(w.scratch.Bytes())
	var again *hashReader
	if !whole {
		r, err := w.in.src.Open(ctx, obj)
		if err != nil {
			return false, w.failure(ctx, err)
		}
		defer r.Close()
		again = &hashReader{r: ctxread.New(ctx, r), hash: sha256.New()}
		delivered = again
	}
	text, err := w.decompress(delivered)
	if err == nil {
		var sum [sha256.Size]byte
		if sum, have, err = w.fill(text); err == nil {
			e.TextSHA256 = hex.EncodeToString(sum[:])
		}
	}
	if again != nil {
		if _, err := io.Copy(io.Discard, again); err != nil || again.err != nil {
			return false, w.failure(ctx, cmp.Or(again.err, err))
		}
		if again.sum() != e.SHA256 {
			return false, w.failure(ctx, source.ErrChanged)
		}
	}
	// Any other error is of the object, and decode says where.
	e.TextBroken = err != nil
	w.judge(obj, e)
	return have && err == nil, ctx.Err()
}

// fill reads a text into content, all or its beginning, and returns the hash of all.
func (w *worker) fill(text io.Reader) (sum [sha256.Size]byte, whole bool, err error) {
	from := &limitReader{r: text, left: w.in.o.MaxObject, max: w.in.o.MaxObject}
	content := bytes.NewBuffer(w.content[:0])
	_, err = content.ReadFrom(io.LimitReader(from, maxContent))
	if w.content = content.Bytes(); err != nil {
		return sum, false, err
	}
	if len(w.content) < maxContent {
		return sha256.Sum256(w.content), true, nil
	}
	h := sha256.New()
	h.Write(w.content)
	_, err = io.Copy(h, from)
	h.Sum(sum[:0])
	return sum, false, err
}

// refuse puts an object into quarantine that the digests do not vouch for.
func (w *worker) refuse(obj source.Object, whole bool, e *ObjectEntry) error {
	bad := &schema.RecordError{Err: errors.New(mismatch(e.TextSHA256, e.Digest)), Length: obj.Size}
	if whole {
		bad.Raw = w.head()
	}
	return w.quarantine(obj, e, bad)
}

// mismatch says what a failed verdict means.
func mismatch(textSHA256, digest string) string {
	if textSHA256 == "" {
		return fmt.Sprintf("it cannot be read to its end, and %s says that it was delivered whole", digest)
	}
	return fmt.Sprintf("hash value doesn't match: its text has sha256 %s, %s says otherwise", textSHA256, digest)
}
