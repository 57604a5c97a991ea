package lake_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"traillake/lake"
)

// BenchmarkIngest takes in 20 gzipped files of 1,000 records of every kind of column.
func BenchmarkIngest(b *testing.B) {
	text, err := os.ReadFile("../schema/testdata/delivered.json")
	if err != nil {
		b.Fatal(err)
	}
	record := strings.TrimSuffix(strings.TrimPrefix(string(text), `{"Records":[`), "]}")
	files := make(map[string]string)
	size := 0
	for i := range 20 {
		records := make([]string, 1000)
		for j := range records {
			records[j] = strings.Replace(record, "00000000-4000-8000-000000000001", fmt.Sprintf("%08d-4000-8000-%012d", i, j), 1)
		}
		doc := document(records...)
		size += len(doc)
		files[fmt.Sprintf("%02d.json.gz", i)] = zip(b, doc)
	}
	src := folder(b, files)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		b.StopTimer()
		s := newStore(b)
		b.StartTimer()
		n += int(ingest(b, s, src, lake.IngestOptions{}).Stored)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
