package trino

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"traillake/bench/cost"
)

// Error is what Trino says of a statement that it does not answer.
type Error struct {
	// Name is its code, such as DIVISION_BY_ZERO.
	Name    string `json:"errorName"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Column is a column of a result.
type Column struct {
	Name string
	Type Type `json:"typeSignature"`
}

// Cost is what a statement took.
type Cost struct {
	// Cost is the time from the statement to its last row, and what Trino counts of
	// processors' time, in milliseconds.
	cost.Cost
	// Read are the bytes that it read of files.
	Read int64
}

// page is an answer of the server: some rows, and where more of them are.
type page struct {
	NextURI string
	Columns []Column
	Data    [][]any
	Stats   struct{ CPUTimeMillis, PhysicalInputBytes int64 }
	Error   *Error
}

// goodbye is how long a server may take to be told that nobody waits for an answer.
const goodbye = 5 * time.Second

// Run executes a statement; each takes its rows as they come, if it is not nil, as values
// of JSON. A statement that Trino refuses gives an *Error. A context that ends ends it on
// the server, too.
func (s *Server) Run(ctx context.Context, statement string, each func([]Column, [][]any) error) (Cost, error) {
	c, err := s.run(ctx, statement, each)
	if err != nil {
		return c, fmt.Errorf("ask Trino: %w", err)
	}
	return c, nil
}

func (s *Server) run(ctx context.Context, statement string, each func([]Column, [][]any) error) (c Cost, err error) {
	start := time.Now()
	p, err := s.page(ctx, http.MethodPost, s.base+"/v1/statement", statement)
	next := ""
	for ; err == nil; p, err = s.page(ctx, http.MethodGet, next, "") {
		next = p.NextURI
		if p.Error != nil {
			return c, p.Error
		}
		if each != nil && p.Columns != nil {
			if err = each(p.Columns, p.Data); err != nil {
				break
			}
		}
		if next == "" {
			c.Wall, c.CPU, c.Read = time.Since(start), time.Duration(p.Stats.CPUTimeMillis)*time.Millisecond, p.Stats.PhysicalInputBytes
			return c, nil
		}
	}
	if next != "" {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		_, _ = s.page(ctx, http.MethodDelete, next, "") // the error is the one that led here
	}
	return c, err
}

// page asks the server once. There is no page in the answer to a DELETE.
func (s *Server) page(ctx context.Context, method, address, body string) (*page, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Trino-User", "traillake")
	r.Header.Set("X-Trino-Time-Zone", "UTC")
	r.Header.Set("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return nil, err
	case answer.StatusCode == http.StatusNoContent:
		return nil, nil
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %.200s", answer.Status, text)
	}
	p := &page{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("read its answer: %w", err)
	}
	return p, nil
}
