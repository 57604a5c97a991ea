package lake

import (
	"fmt"
	"testing"
)

// BenchmarkCheckRead measures what a query pays to be sure of a thousand small files, for
// a column without sums and for all columns.
func BenchmarkCheckRead(b *testing.B) {
	s := openTest(b)
	batch := begin(b, s)
	for i := range 1000 {
		addRows(b, batch, testDay+Day(i), 20, fmt.Sprint(i))
	}
	var files []LocalFile
	for _, f := range batch.Files() {
		files = append(files, LocalFile{Path: f.Path, Bytes: f.Bytes})
	}
	for name, reads := range map[string]func(string) bool{
		"one column": func(c string) bool { return c == "eventname" }, "all": func(string) bool { return true },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				clear(s.intact)
				if err := s.CheckRead(b.Context(), files, reads); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if err := batch.Abort(); err != nil {
		b.Fatal(err)
	}
}
