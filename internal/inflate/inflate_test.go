package inflate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	klauspost "github.com/klauspost/compress/gzip"
)

// texts are what the algorithm treats differently: short and long, without and with
// repetition, near and far, in few and in all bytes.
func texts() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	var log, words strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&log, `{"eventVersion":"1.11","eventTime":"2026-11-%02dT10:%02d:00Z","eventName":"GetObject","eventID":"%016x","requestParameters":{"bucketName":"logs-%d"}},`,
			1+i%28, i%60, r.Uint64(), i%7)
	}
	for range 40_000 { // skewed, so that codes are as long as they can be
		words.WriteByte(byte(r.ExpFloat64() * 12))
	}
	t := map[string][]byte{
		"empty": nil, "one": []byte("a"), "log": []byte(log.String()), "noise": noise, "skewed": []byte(words.String()),
		"zeros": make([]byte, 1_000_000), "far": append(append([]byte("needle in front"), noise[:32_700]...), "needle in front"...),
	}
	for _, period := range []int{2, 3, 5, 8, 9, 15, 16, 17, 31, 32, 33, 100} {
		t[fmt.Sprint("period ", period)] = bytes.Repeat(noise[:period], 100)
	}
	for n := 250; n < 300; n += 7 {
		t[fmt.Sprint("length ", n)] = append(bytes.Repeat([]byte{'x'}, n), noise[:n%20]...)
	}
	return t
}

func zip(t testing.TB, text []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unzip is what a reader says.
func unzip(file []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestGunzip(t *testing.T) {
	var all, allText []byte
	for name, text := range texts() {
		for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
			file := zip(t, text, level)
			got, err := Gunzip([]byte("before"), file, len(text))
			if err != nil {
				t.Errorf("%s, level %d: %v", name, level, err)
			} else if string(got) != "before"+string(text) {
				t.Errorf("%s, level %d: another text", name, level)
			}
			if level == 1 {
				all, allText = append(all, file...), append(allText, text...)
			}
			if len(text) == 0 {
				continue
			}
			if got, err := Gunzip([]byte("before"), file, len(text)-1); !errors.Is(err, ErrNotTaken) || string(got) != "before" {
				t.Errorf("%s, level %d, a byte more than allowed: %d bytes, %v", name, level, len(got), err)
			}
		}
	}
	if got, err := Gunzip(nil, all, len(allText)); err != nil || !bytes.Equal(got, allText) {
		t.Errorf("%d members: %v", len(texts()), err)
	}
}

func TestHeader(t *testing.T) {
	for _, h := range []gzip.Header{{Name: "a.json"}, {Comment: "what"}, {Extra: []byte("xx123")}, {Name: "n", Comment: "c", Extra: make([]byte, 300)}} {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Header = h
		_, _ = io.WriteString(w, "text")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := Gunzip(nil, b.Bytes(), 10); err != nil || string(got) != "text" {
			t.Errorf("%+v: %q, %v", h, got, err)
		}
		for n := range b.Len() {
			if _, err := Gunzip(nil, b.Bytes()[:n], 10); !errors.Is(err, ErrNotTaken) {
				t.Errorf("%+v: the first %d bytes were taken", h, n)
			}
		}
	}
}

// What is damaged is not taken, or was damaged where it makes no difference.
func TestDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, text := range texts() {
		file := zip(t, text[:min(len(text), 20_000)], flate.DefaultCompression)
		for range 300 {
			bad := bytes.Clone(file)
			switch at := r.IntN(len(bad)); r.IntN(3) {
			case 0:
				bad = bad[:at]
			case 1:
				bad[at] ^= 1 << r.IntN(8)
			default:
				bad = append(bad, file[at:]...)
			}
			same(t, name, bad)
		}
	}
}

// same fails if a file is taken and its text is not what a reader says.
func same(t *testing.T, name string, file []byte) {
	t.Helper()
	got, err := Gunzip(nil, file, 1<<20)
	if err != nil {
		if !errors.Is(err, ErrNotTaken) || got != nil {
			t.Fatalf("%s: %d bytes, %v", name, len(got), err)
		}
		return
	}
	want, err := unzip(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s: taken, with %d bytes; a reader says %d bytes, %v", name, len(got), len(want), err)
	}
}

func FuzzGunzip(f *testing.F) {
	for _, text := range texts() {
		f.Add(zip(f, text[:min(len(text), 2000)], 6), false)
	}
	f.Add([]byte{0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 0}, false)
	f.Fuzz(func(t *testing.T, b []byte, compress bool) {
		if compress {
			b = zip(t, b, 1+len(b)%9)
			if _, err := Gunzip(nil, b, 1<<20); err != nil && len(b) < 1<<10 {
				t.Fatal("what was made by a writer is not taken")
			}
		}
		same(t, "fuzzed", b)
		// A trailer that is right, so that all of the stream counts.
		if s := new(state); len(b) > headerSize+trailerSize {
			s.in, s.max = b[headerSize:], 1<<20
			if err := s.stream(); err != nil {
				return
			}
			want, err := io.ReadAll(flate.NewReader(bytes.NewReader(b[headerSize:])))
			if err != nil || !bytes.Equal(s.out[:s.at], want) {
				t.Fatalf("a stream of %d bytes; a reader says %d bytes, %v", s.at, len(want), err)
			}
		}
	})
}

func BenchmarkGunzip(b *testing.B) {
	text := texts()["log"]
	file := zip(b, text, flate.DefaultCompression)
	b.Run("inflate", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		var out []byte
		for b.Loop() {
			var err error
			if out, err = Gunzip(out[:0], file, len(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) { // which reads what is not taken
		b.SetBytes(int64(len(text)))
		r := new(klauspost.Reader)
		for b.Loop() {
			if err := r.Reset(bytes.NewReader(file)); err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
