package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"

	"traillake/engine/encode"
)

// errOutputClosed ends a command whose reader has gone, as head goes after some lines.
var errOutputClosed = errors.New("standard output is closed")

// stdout is standard output where it is no terminal. It keeps the first thing that went
// wrong, since not all that writes looks: cobra's help does not.
type stdout struct {
	w   io.Writer
	err error
}

// Write implements io.Writer. After an error nothing more is written.
func (o *stdout) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		err = fmt.Errorf("%w: %w", errOutputClosed, err)
	}
	o.err = err
	return n, err
}

// judge returns what a command ends with that ended with err.
func (o *stdout) judge(err error) error {
	if o.err != nil && (err == nil || errors.Is(err, errFindings)) {
		return o.err
	}
	return err
}

// jsonEncoder writes JSON to standard output, where a terminal may be.
func (a *app) jsonEncoder() *json.Encoder { return json.NewEncoder(printableJSON{a.stdout}) }

// printableJSON writes whole values of JSON, and what a terminal would obey in them as escapes.
type printableJSON struct{ w io.Writer }

// Write implements io.Writer.
func (o printableJSON) Write(p []byte) (int, error) {
	if _, err := o.w.Write(encode.PrintableJSON(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
