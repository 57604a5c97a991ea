package lake

import (
	"bytes"
	"errors"
	"io"
	"time"

	"traillake/lake/source"
)

// unsettled reports whether a file was changed a moment ago and, if it is whole in scratch, ends before
// its text does. Of a larger one that is not looked for.
func (w *worker) unsettled(obj source.Object, whole bool) bool {
	if obj.Bucket != "" || obj.Key == stdinKey || w.in.o.Settle <= 0 || time.Since(obj.ModTime).Abs() > w.in.o.Settle {
		return false
	}
	if !whole {
		return true
	}
	text, err := w.decompress(bytes.NewReader(w.scratch.Bytes()))
	if err != nil {
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
	var end jsonEnd
	buf := make([]byte, 32<<10)
	for left := w.in.o.MaxObject; left >= 0; {
		n, err := text.Read(buf)
		left -= int64(n)
		end.add(buf[:n])
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return true
		case err == io.EOF:
			return end.open()
		case err != nil:
			return false
		}
	}
	return false
}

// jsonEnd tells whether a text of JSON ends where none of its values does.
type jsonEnd struct {
	any, text, escaped bool
	depth              int
}

func (e *jsonEnd) add(b []byte) {
	for _, c := range b {
		switch {
		case e.escaped:
			e.escaped = false
		case e.text:
			e.escaped, e.text = c == '\\', c != '"'
		case c == '"':
			e.text = true
		case c == '{' || c == '[':
			e.any = true
			e.depth++
		case c == '}' || c == ']':
			e.depth--
		}
	}
}

func (e *jsonEnd) open() bool { return !e.any || e.text || e.depth > 0 }
