package laketest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"traillake/lake/source"
)

// Texts is a source in memory: the text of every object, by key.
type Texts map[string]string

var _ source.Source = Texts{}

// List implements source.Source, in the order of keys.
func (s Texts) List(context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		for _, key := range slices.Sorted(maps.Keys(s)) {
			if !yield(source.Object{Key: key, Size: int64(len(s[key])), ModTime: time.Unix(1700000000, 0)}, nil) {
				return
			}
		}
	}
}

// Open implements source.Source.
func (s Texts) Open(_ context.Context, o source.Object) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(s[o.Key])), nil
}

// Logs returns log objects from number from up to to. Each holds one event of each of the
// given days, an event id that no other has, and one record that cannot be read.
func Logs(from, to int, days ...time.Time) Texts {
	s := make(Texts)
	for i := from; i < to; i++ {
		records := []string{`{"eventTime":"never"}`}
		for j, day := range days {
			records = append(records, fmt.Sprintf(`{"eventTime":"%sT12:00:00Z","eventID":"%d-%d","recipientAccountId":"123456789012"}`, day.UTC().Format(time.DateOnly), i, j))
		}
		s[fmt.Sprintf("/logs/%06d.json", i)] = `{"Records":[` + strings.Join(records, ",") + `]}`
	}
	return s
}
