package engine_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/schema"
)

// delivered returns the text of every record of a log, by decoding it.
func delivered(t testing.TB, log []byte) (texts []string, canonical int) {
	t.Helper()
	dec := schema.NewDecoder(bytes.NewReader(log), schema.Limits{})
	for {
		var rec schema.Record
		err := dec.Next(&rec)
		var bad *schema.RecordError
		switch {
		case errors.Is(err, io.EOF):
			return texts, canonical
		case errors.As(err, &bad):
			continue
		case err != nil:
			t.Fatal(err)
		}
		texts = append(texts, string(rec.Raw()))
		if rec.Canonical() {
			canonical++
		}
	}
}

// readLogs returns the logs below a folder by path, decompressed.
func readLogs(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	logs := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, ".json") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			if b, err = io.ReadAll(z); err != nil {
				return err
			}
		}
		logs[path] = b
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return logs
}

// TestEventJSONIsWhatWasDelivered compares the text that SQL rebuilds with the
// delivered bytes, for every record there is.
func TestEventJSONIsWhatWasDelivered(t *testing.T) {
	for _, dir := range []string{"../schema/testdata", "testdata/logs", "../../shared/corpus"} {
		t.Run(dir, func(t *testing.T) {
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				t.Logf("%s is absent", dir)
				return
			}
			f := newFixture(t)
			want := map[string]int{}
			canonical, total := 0, 0
			for path, log := range readLogs(t, dir) {
				texts, c := delivered(t, log)
				for _, s := range texts {
					want[s]++
				}
				canonical += c
				total += len(texts)
				f.load("events", path, log)
			}
			t.Logf("%d records, %d of them rebuilt from columns", total, canonical)
			if canonical == 0 {
				t.Error("no record is rebuilt, so the test shows nothing")
			}
			res, err := f.engine.Query(t.Context(), engine.Request{SQL: "SELECT eventjson, eventjsonchecksum FROM events"})
			if err != nil {
				t.Fatal(err)
			}
			defer res.Close()
			for {
				b, err := res.Next(t.Context())
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				for i := range int(b.NumRows()) {
					got := b.Column(0).(*array.String).Value(i)
					if want[got] == 0 {
						t.Fatalf("not delivered: %s", got)
					}
					want[strings.Clone(got)]--
					sum := sha256.Sum256([]byte(got))
					if c := b.Column(1).(*array.String).Value(i); c != base64.StdEncoding.EncodeToString(sum[:]) {
						t.Fatalf("checksum %s of %s", c, got)
					}
				}
				b.Release()
			}
			for text, n := range want {
				if n != 0 {
					t.Fatalf("%d times missing: %s", n, text)
				}
			}
			if got := res.Stats().Rows; got != int64(total) {
				t.Errorf("%d rows, want %d", got, total)
			}
		})
	}
}
