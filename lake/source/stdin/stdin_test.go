package stdin

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"traillake/lake/source/sourcetest"
)

func TestStream(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	src, err := Open(t.Context(), strings.NewReader("some text"))
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Run(t, src, map[string]string{"-": "some text"})
	if err := src.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(tmp + "/*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEmptyStream(t *testing.T) {
	src, err := Open(t.Context(), strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	sourcetest.Run(t, src, map[string]string{})
}

func TestCancelWhileReading(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
