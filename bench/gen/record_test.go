package gen

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"traillake/schema"
)

// Of all records exactly the odd ones that truth counts cannot be rebuilt from their
// columns.
func TestRecordsRebuild(t *testing.T) {
	dir, truth := generate(t, every())
	var records, raw int64
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == TruthFile {
			return err
		}
		dec := schema.NewDecoder(bytes.NewReader(gunzip(t, path)), schema.Limits{})
		var rec schema.Record
		for {
			if err := dec.Next(&rec); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			records++
			same := bytes.Equal(rec.Rebuild(nil), rec.Raw())
			if same != rec.Canonical() {
				t.Errorf("canonical %v, rebuilt equal %v: %s", rec.Canonical(), same, rec.Raw())
			}
			if !same {
				raw++
				if !isOdd(rec.Raw()) {
					t.Errorf("not canonical and not odd:\n%s\n%s", rec.Raw(), rec.Rebuild(nil))
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if records != truth.Records || raw != truth.Odd.NotCanonical {
		t.Errorf("%d records of which %d not canonical, truth says %d and %d", records, raw, truth.Records, truth.Odd.NotCanonical)
	}
}

func isOdd(rec []byte) bool {
	for _, mark := range []string{`"recipientAccountId":`, `"networkPath":`, `client\/4.1 \u0026`} {
		if i := bytes.Index(rec, []byte(mark)); i >= 0 && (mark[1] != 'r' || bytes.Contains(rec[i:], []byte(`"managementEvent":`))) {
			return true
		}
	}
	return false
}

// The order of keys is checked against the schema's lists by a reader of its own, so
// that this does not rest on the decoder.
func TestKeysAreInOrder(t *testing.T) {
	c := every()
	c.Oddities = 0
	dir, _ := generate(t, c)
	records, _, _ := readSet(t, dir)
	for _, r := range records {
		var compact bytes.Buffer
		if err := json.Compact(&compact, r.text); err != nil || !bytes.Equal(compact.Bytes(), r.text) {
			t.Fatalf("white space (%v) in %s", err, r.text)
		}
		if err := inOrder(r.text, schema.DeliveredColumns()); err != "" {
			t.Fatalf("%s in %s", err, r.text)
		}
	}
}

// inOrder returns what is wrong with the keys of an object, or "".
func inOrder(text []byte, columns []schema.Column) string {
	keys, values := members(text)
	next := 0
	for i, key := range keys {
		for next < len(columns) && columns[next].Key != key {
			next++
		}
		if next == len(columns) {
			return "key " + key + " unknown or out of order"
		}
		c := columns[next]
		next++
		switch {
		case c.Kind == schema.KindStruct:
			if err := inOrder(values[i], c.Delivered()); err != "" {
				return err
			}
		case c.Kind == schema.KindList:
			var entries []json.RawMessage
			if json.Unmarshal(values[i], &entries) != nil {
				return key + " is no list"
			}
			for _, e := range entries {
				order := c.Delivered()
				if strings.HasPrefix(string(e), `{"ARN"`) {
					order = []schema.Column{{Key: "ARN"}, {Key: "accountId"}, {Key: "type"}}
				}
				if err := inOrder(e, order); err != "" {
					return err
				}
			}
		}
	}
	return ""
}

// members returns the keys and values of an object, in order.
func members(text []byte) (keys []string, values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, nil
	}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return keys, values
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return keys, values
		}
		keys, values = append(keys, k.(string)), append(values, v)
	}
	return keys, values
}
