package pages

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// footerOf returns the footer of a file.
func footerOf(t testing.TB, data []byte) []byte {
	t.Helper()
	footer, err := new(buffers).sealed(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return footer
}

// libraryChunks is chunks by the library.
func libraryChunks(t testing.TB, footer []byte) (list []chunkOf) {
	t.Helper()
	md, err := metadata.NewFileMetaData(footer, nil)
	if err != nil {
		t.Fatal(err)
	}
	for g := range md.NumRowGroups() {
		for i := range md.Schema.NumColumns() {
			c, err := md.RowGroup(g).ColumnChunk(i)
			if err != nil {
				t.Fatal(err)
			}
			one := chunkOf{column: columnOf(md.Schema.Column(i).Path()), data: c.DataPageOffset(), size: c.TotalCompressedSize()}
			if c.HasDictionaryPage() {
				one.dictionary = c.DictionaryPageOffset()
			}
			list = append(list, one)
		}
	}
	return list
}

// TestChunks compares with what the library reads.
func TestChunks(t *testing.T) {
	footer := footerOf(t, layoutFile(t))
	got, err := chunks(footer)
	want := libraryChunks(t, footer)
	if err != nil || len(got) != len(want) || len(got) != 2*5 {
		t.Fatalf("%d chunks, want %d; error %v", len(got), len(want), err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("chunk %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// FuzzChunks wants an error, or nothing that takes long, of what is no footer.
func FuzzChunks(f *testing.F) {
	f.Add([]byte{0})
	f.Add(bytes.Repeat([]byte{0x4c}, 100))
	f.Add([]byte{0x49, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		if list, err := chunks(b); err == nil && len(list) > len(b) {
			t.Errorf("%d chunks out of %d bytes", len(list), len(b))
		}
	})
}

func BenchmarkChunks(b *testing.B) {
	footer := footerOf(b, layoutFile(b))
	for name, read := range map[string]func(){
		"here": func() { _, _ = chunks(footer) }, "library": func() { libraryChunks(b, footer) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				read()
			}
		})
	}
}
