package command

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"traillake/engine/encode"
)

// warnings is the slog.Handler that tells people what the lake warns of, each thing once.
type warnings struct {
	app *app

	mu   sync.Mutex // guards said
	said map[string]bool
}

func (w *warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	var about []string
	r.Attrs(func(a slog.Attr) bool {
		about = append(about, a.Key+" "+a.Value.String())
		return true
	})
	text := r.Message
	if len(about) > 0 {
		text += " (" + strings.Join(about, ", ") + ")"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said[text] {
		return nil
	}
	if w.said == nil {
		w.said = make(map[string]bool)
	}
	w.said[text] = true
	_, err := fmt.Fprintf(w.app.stderr, "warning: %s\n", encode.PrintableLines(text))
	return err
}

// WithAttrs and WithGroup are of no use to the lake, which warns by single calls.
func (w *warnings) WithAttrs([]slog.Attr) slog.Handler { return w }

func (w *warnings) WithGroup(string) slog.Handler { return w }
