package table

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/apache/iceberg-go"
)

// totals are the properties that say what the table holds, with those that say what the
// snapshot adds and removes.
var totals = []struct{ total, added, removed string }{
	{"total-data-files", "added-data-files", "deleted-data-files"},
	{"total-records", "added-records", "deleted-records"},
	{"total-files-size", "added-files-size", "removed-files-size"},
	{"total-delete-files", "", ""},
	{"total-position-deletes", "", ""},
	{"total-equality-deletes", "", ""},
}

// summary counts the files that come and go, and adds that to what the parent's summary says.
func (s *Stage) summary(parent *Snapshot, removed []iceberg.ManifestEntry) (Summary, error) {
	counts := make(map[string]int64)
	partitions := make(map[string]bool)
	count := func(df iceberg.DataFile, files, records, size string) {
		counts[files]++
		counts[records] += df.Count()
		counts[size] += df.FileSizeBytes()
		partitions[fmt.Sprint(df.Partition())] = true
	}
	for _, df := range s.Added {
		count(df, totals[0].added, totals[1].added, totals[2].added)
	}
	for _, e := range removed {
		count(e.DataFile(), totals[0].removed, totals[1].removed, totals[2].removed)
	}
	counts["changed-partition-count"] = int64(len(partitions))
	props := make(iceberg.Properties)
	for k, n := range counts {
		if n > 0 {
			props[k] = strconv.FormatInt(n, 10)
		}
	}
	for _, t := range totals {
		var n int64
		if parent != nil {
			var err error
			if n, err = strconv.ParseInt(parent.Summary.Properties[t.total], 10, 64); err != nil {
				return Summary{}, fmt.Errorf("%w: snapshot %d says %s %q", ErrInvalid, parent.SnapshotID, t.total, parent.Summary.Properties[t.total])
			}
		}
		if n += counts[t.added] - counts[t.removed]; n < 0 {
			return Summary{}, fmt.Errorf("%w: %s becomes %d", ErrInvalid, t.total, n)
		}
		props[t.total] = strconv.FormatInt(n, 10)
	}
	maps.Copy(props, s.Summary)
	maps.Copy(props, iceberg.EnvironmentContext()) // which library wrote the manifests
	return Summary{Operation: s.Operation, Properties: props}, nil
}
