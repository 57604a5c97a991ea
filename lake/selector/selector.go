package selector

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"traillake/schema"
)

// Selector is one AdvancedEventSelector.
type Selector struct {
	// Name is for people.
	Name string `json:"Name,omitempty"`
	// FieldSelectors must all match.
	FieldSelectors []FieldSelector `json:"FieldSelectors"`
}

// FieldSelector is one AdvancedFieldSelector.
type FieldSelector struct {
	// Field is one of CloudTrail's, such as eventName or resources.ARN.
	Field         string   `json:"Field"`
	Equals        []string `json:"Equals,omitempty"`
	StartsWith    []string `json:"StartsWith,omitempty"`
	EndsWith      []string `json:"EndsWith,omitempty"`
	NotEquals     []string `json:"NotEquals,omitempty"`
	NotStartsWith []string `json:"NotStartsWith,omitempty"`
	NotEndsWith   []string `json:"NotEndsWith,omitempty"`

	at schema.Field
}

// Set is the selectors of a store. A nil Set takes every record.
type Set struct {
	selectors []Selector
}

// Parse reads selectors: a JSON array of them, or an object whose AdvancedEventSelectors
// is one, which is what CloudTrail's API answers. An empty text is a nil Set. The error
// names every selector that CloudTrail would refuse, with the reason.
func Parse(text []byte) (*Set, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var s Set
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		answer := struct{ AdvancedEventSelectors json.RawMessage }{json.RawMessage("[]")}
		// The API answers with other members beside it.
		if err := json.Unmarshal(text, &answer); err != nil {
			return nil, decodeError(err)
		}
		text = answer.AdvancedEventSelectors
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // an operator that is misspelt would take more than was meant
	if err := d.Decode(&s.selectors); err != nil {
		return nil, decodeError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("selectors: there is more behind the array")
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	for i := range s.selectors {
		for k := range s.selectors[i].FieldSelectors {
			f := &s.selectors[i].FieldSelectors[k]
			at, ok := schema.FieldAt(f.Field)
			if !ok {
				panic("BUG: no field " + f.Field + " in records")
			}
			f.at = at
		}
	}
	return &s, nil
}

// decodeError says without words of Go what is wrong with the JSON.
func decodeError(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Type.Kind() == reflect.Slice:
		return fmt.Errorf("selectors: %s: a list in brackets is expected, and not: %s", cmp.Or(wrong.Field, "the text"), wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("selectors: %s: %s is not expected here", cmp.Or(wrong.Field, "the text"), wrong.Value)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("selectors: the JSON ends too early")
	}
	return fmt.Errorf("selectors: %w", err)
}

// String returns the selectors as compact JSON, from which Parse makes the same Set. It is
// "" for a nil Set.
func (s *Set) String() string {
	if s == nil {
		return ""
	}
	text, err := json.Marshal(s.selectors)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(text)
}
