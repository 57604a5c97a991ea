package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func parseOne(t testing.TB, text string) *Record {
	t.Helper()
	var r Record
	if err := NewDecoder(strings.NewReader(text), Limits{}).Next(&r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &r
}

const at = `"eventTime":"2023-07-10T12:32:49Z"`

func TestCanonical(t *testing.T) {
	for text, want := range map[string]bool{
		`{"eventVersion":"1.08",` + at + `}`:                                  true,
		`{` + at + `,"eventVersion":"1.08"}`:                                  false, // order
		`{` + at + ` }`:                                                       false, // white space
		`{` + at + `,"eventName":"a\"\\\b\f\n\r\tz"}`:                         true,
		`{` + at + `,"eventName":"a\/b"}`:                                     false, // escape of /
		`{` + at + `,"eventName":"\u0041"}`:                                   false,
		`{` + at + `,"eventName":"\u0001"}`:                                   false,
		`{` + at + `,"eventName":"žluťoučký 🐎 \u007f"}`:                       false,
		`{` + at + `,"eventName":"žluťoučký 🐎"}`:                              true,
		`{` + at + `,"userAgent":null}`:                                       false,
		`{` + at + `,"requestParameters":null,"responseElements":{}}`:         true,
		`{` + at + `,"requestParameters":"text"}`:                             true,
		`{` + at + `,"requestParameters":{"a": 1}}`:                           false,
		`{` + at + `,"requestParameters":{"a":1.10,"b":1E5,"a":2}}`:           true,
		`{` + at + `,"readOnly":true}`:                                        true,
		`{` + at + `,"readOnly":"true"}`:                                      false,
		`{` + at + `,"apiVersion":5}`:                                         false,
		`{` + at + `,"unknown":5}`:                                            false,
		`{` + at + `,"eventID":"1","eventID":"2"}`:                            false,
		`{` + at + `,"eventID":"1","event\u0049D":"2"}`:                       false,
		`{` + at + `,"event\u0049D":"1"}`:                                     false,
		`{"userIdentity":{"t\u0079pe":"Root"},` + at + `}`:                    false,
		`{` + at + `,"resources":[{"\u0041RN":"a"}]}`:                         false,
		`{` + at + `,"requestParameters":{"\u0041":1}}`:                       true,
		`{"userIdentity":{},` + at + `}`:                                      true,
		`{"userIdentity":null,` + at + `}`:                                    false,
		`{"userIdentity":"me",` + at + `}`:                                    false,
		`{"userIdentity":{"sessionContext":{"sessionIssuer":{}}},` + at + `}`: true,
		`{"userIdentity":{"sessionContext":{"webIdFederationData":{"attributes":{"a":"b"}},"attributes":{"creationDate":"2023-07-10T12:32:49Z"}}},` + at + `}`: true,
		`{"userIdentity":{"sessionContext":{"attributes":{"creationDate":"20131102T010628Z"}}},` + at + `}`:                                                    false,
		`{"userIdentity":{"type":"Root","invokedByDelegate":{"accountId":"1"},"credentialId":"x"},` + at + `}`:                                                 true,
		`{` + at + `,"resources":[]}`:                                                                    true,
		`{` + at + `,"resources":null}`:                                                                  false,
		`{` + at + `,"resources":[{"accountId":"1","type":"t","ARN":"a"},{}]}`:                           true,
		`{` + at + `,"resources":[{"ARN":"a","accountId":"1","type":"t"},{"type":"t","ARNPrefix":"p"}]}`: true,
		`{` + at + `,"resources":[{"type":"t","accountId":"1"}]}`:                                        false,
		`{` + at + `,"resources":[{"arn":"a"}]}`:                                                         false,
		`{` + at + `,"resources":["x",{"ARN":"a"}]}`:                                                     false,
		`{` + at + `,"resources":{"ARN":"a"}}`:                                                           false,
		`{"eventTime":"2023-07-10T12:32:49.5Z"}`:                                                         false,
		`{"eventTime":"2023-07-10T12:32:49+02:00"}`:                                                      false,
	} {
		r := parseOne(t, text)
		if r.Canonical() != want {
			t.Errorf("canonical = %v of %s\nrebuilt %s", r.Canonical(), text, r.Rebuild(nil))
		}
		if string(r.Raw()) != text {
			t.Errorf("raw %s of %s", r.Raw(), text)
		}
	}
}

// A key means the same however it is written, at every level; the last of several counts.
func TestEscapedKeys(t *testing.T) {
	escape := func(key string) string {
		var s strings.Builder
		for i, c := range key {
			if i%3 == 1 {
				fmt.Fprintf(&s, `\u%04x`, c)
			} else {
				s.WriteRune(c)
			}
		}
		return s.String()
	}
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	check := func(text, like string) {
		t.Helper()
		checkFast(t, fast, plain, []byte(text))
		r, want := parseOne(t, text), parseOne(t, like)
		if got, want := describeValues(nil, r, plan, r.vals), describeValues(nil, want, plan, want.vals); string(got) != string(want) {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		if r.Canonical() || string(r.Raw()) != text {
			t.Errorf("canonical = %v, raw %s of %s", r.Canonical(), r.Raw(), text)
		}
	}
	var doc struct{ Records []json.RawMessage }
	if err := json.Unmarshal(readFile(t, "testdata/delivered.json"), &doc); err != nil {
		t.Fatal(err)
	}
	var keys func(n *node) []string
	keys = func(n *node) (all []string) {
		for _, m := range n.members {
			if m.col.Key != "" {
				all = append(append(all, m.col.Key), keys(m)...)
			}
		}
		return all
	}
	for _, record := range doc.Records {
		like := strings.Replace(string(record), `[{"arn":`, `[{"ofFreeForm":`, 1) // which keeps its escapes
		for _, key := range keys(plan) {
			if text := strings.ReplaceAll(like, `"`+key+`":`, `"`+escape(key)+`":`); text != like {
				check(text, like)
			}
		}
	}
	check(`{`+at+`,"eventID":"1","event\u0049D":"2"}`, `{`+at+`,"eventID":"2"}`)
	check(`{`+at+`,"event\u0049D":"2","eventID":"1"}`, `{`+at+`,"eventID":"1"}`)
	check(`{`+at+`,"resources":[{"\u0061rn":"a"}]}`, `{`+at+`,"resources":[{"ARN":"a"}]}`)
	check(`{`+at+`,"event\\u0049D":"1","\ud800eventID":"2"}`, `{`+at+`}`)
}

func TestParseTime(t *testing.T) {
	for _, s := range []string{
		"2023-07-10T12:32:49Z", "2024-02-29T00:00:00Z", "1970-01-01T00:00:00Z", "2000-02-28T23:59:59Z", "2000-03-01T00:00:00Z",
		"1999-12-31T23:59:59Z", "2100-03-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2023-07-10T12:32:49.123456Z",
		"2023-07-10T12:32:49+02:00",
	} {
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := parseTime([]byte(s)); !ok || got != want.UnixMicro() {
			t.Errorf("%s = %d, %v; want %d", s, got, ok, want.UnixMicro())
		}
	}
	for _, s := range []string{"", "2023-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-01-01T24:00:00Z", "yesterday", "2023-07-10T12:3a:49Z", "0000-01-01T00:00:00Z"} {
		if got, ok := parseTime([]byte(s)); ok {
			t.Errorf("%q was read as %d", s, got)
		}
	}
	if got, _ := parseTime([]byte("20131102T010628Z")); got != time.Date(2013, 11, 2, 1, 6, 28, 0, time.UTC).UnixMicro() {
		t.Errorf("basic form = %d", got)
	}
}

func TestDay(t *testing.T) {
	for s, want := range map[string]int32{"1970-01-01T00:00:00Z": 0, "1970-01-01T23:59:59Z": 0, "1970-01-02T00:00:00Z": 1, "1969-12-31T23:59:59Z": -1, "1969-12-31T00:00:00Z": -1} {
		if got := parseOne(t, `{"eventTime":"`+s+`"}`).Day(); got != want {
			t.Errorf("day of %s = %d, want %d", s, got, want)
		}
	}
}

func TestBlocksAreValidJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{ "a" : [ 1 , " x " ] }`:                     `{"a":[1," x "]}`,
		`{"a":"\ud83d\ude00"}`:                        `{"a":"\ud83d\ude00"}`,
		`{"a":"\ud83d","b":"x\udc00y","c":"\\ud800"}`: `{"a":"\ufffd","b":"x\ufffdy","c":"\\ud800"}`,
		`{"\ud83d":1}`:                                `{"\ufffd":1}`,
		`"\ud83d\ud83d\ude00"`:                        `"\ufffd\ud83d\ude00"`,
	} {
		r := parseOne(t, `{`+at+`,"requestParameters":`+text+`}`)
		got := string(r.vals[column("requestparameters").slot].text)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// FuzzDecode compares the decoder with encoding/json: what is valid to one and is
// an object with a readable time must be a record of the other, with equal text, from
// every list of the document; and what was rebuilt from a canonical record is the record.
func FuzzDecode(f *testing.F) {
	for _, path := range corpusFiles(f, "testdata") {
		f.Add(readFile(f, path))
	}
	f.Add([]byte(`{"Records":[` + rec(1) + `,{"eventTime":"x"},` + rec(2) + `]}`))
	f.Add([]byte(rec(1) + "\n" + rec(2)))
	f.Add([]byte(`{"x":1,"Rec\u006frds":[{"event\u0054ime":"2023-07-10T12:32:49Z"}],"x\ud800":2}`))
	f.Add([]byte(`{"Records":null,"x":[{}],"Records":[` + rec(1) + `,{}],"Records":` + rec(2) + `}`))
	f.Add([]byte(`[{` + at + `,"resources":[{"ARN":"a"}],"userIdentity":{"sessionContext":{}},"requestParameters":{"a":"\ud800 \u0041"}}]`))
	f.Add([]byte(`[{"Records":[` + rec(1) + `,{}],"x":1},` + rec(2) + `,{"Records":[` + rec(3) + `]},{"Records":null},{"x":[],"Records":` + rec(4) + `}]`))
	f.Add([]byte(`[{"Records":[` + rec(1) + `,{"a":tru}]},{"Records":[{"x":{,` + rec(2) + `]}]` + rec(3)))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want []json.RawMessage
		var list []json.RawMessage
		valid := false
		switch {
		case bytes.HasPrefix(text, []byte(`{"Records":`)) && json.Valid(text):
			want, valid = listed(t, text), true
		case bytes.HasPrefix(text, []byte(`[`)) && json.Unmarshal(text, &list) == nil:
			want, valid = elements(t, list)
		}
		whole := outcome(NewDecoder(bytes.NewReader(text), Limits{}))
		single, lent := outcome(NewDecoder(iotest.OneByteReader(bytes.NewReader(text)), Limits{})), outcome(inMemory(string(text), Limits{}))
		if slices.Contains(whole, noEnd) {
			t.Fatalf("the decoder does not get ahead: %q", whole)
		}
		if !slices.Equal(whole, single) {
			t.Fatalf("read at once  %q\nbyte by byte  %q", whole, single)
		}
		if !slices.Equal(whole, lent) {
			t.Fatalf("read at once  %q\nin memory     %q", whole, lent)
		}
		d := NewDecoder(bytes.NewReader(text), Limits{})
		var r Record
		var consumed int64
		for i := 0; ; i++ {
			err := d.Next(&r)
			if err == io.EOF {
				if valid && i != len(want) {
					t.Fatalf("%d records and rejects, want %d", i, len(want))
				}
				return
			}
			if d.Offset() < consumed {
				t.Fatalf("went back from %d to %d", consumed, d.Offset())
			}
			consumed = d.Offset()
			if valid {
				if i >= len(want) {
					t.Fatalf("more records than %d", len(want))
				}
				re, rejected := err.(*RecordError)
				switch {
				case rejected && string(re.Raw) != string(want[i]):
					t.Fatalf("rejected %q, want %q", re.Raw, want[i])
				case !rejected && string(r.Raw()) != string(want[i]):
					t.Fatalf("record %q, want %q", r.Raw(), want[i])
				}
			}
			if err != nil {
				continue
			}
			if !json.Valid(r.Raw()) {
				t.Fatalf("record is no JSON: %q", r.Raw())
			}
			if r.Canonical() != (string(r.Rebuild(nil)) == string(r.Raw())) {
				t.Fatalf("canonical = %v: %q", r.Canonical(), r.Raw())
			}
			for _, n := range plan.members {
				if v := r.vals[n.slot]; v.set && n.col.Kind == KindJSON && !json.Valid(v.text) {
					t.Fatalf("%s is no JSON: %q", n.col.Name, v.text)
				}
			}
		}
	})
}

// elements returns what stands in a list of records and documents of records; ok is false where
// that is not plain to see.
func elements(t *testing.T, list []json.RawMessage) (all []json.RawMessage, ok bool) {
	for _, e := range list {
		var members map[string]json.RawMessage
		_ = json.Unmarshal(e, &members) // what is no object has none
		switch {
		case bytes.HasPrefix(e, []byte(`{"Records":`)):
			all = append(all, listed(t, e)...)
		case members["Records"] != nil:
			return nil, false
		default:
			all = append(all, e)
		}
	}
	return all, true
}

const noEnd = "no end"

// outcome lists what a decoder makes of a text. Every step but one, the end of a list
// that is missing, gets ahead.
func outcome(d *Decoder) (steps []string) {
	var r Record
	stuck := 0
	for {
		before := d.Offset()
		err := d.Next(&r)
		if err == io.EOF {
			return steps
		}
		if d.Offset() == before {
			if stuck++; stuck > 1 {
				return append(steps, noEnd)
			}
		}
		var bad *RecordError
		switch {
		case errors.As(err, &bad):
			steps = append(steps, fmt.Sprintf("bad %d %d %s", bad.Offset, bad.Length, bad.Raw))
		case err != nil:
			return append(steps, err.Error())
		default:
			steps = append(steps, fmt.Sprintf("good %d %s", r.Offset(), r.Raw()))
		}
	}
}

// listed returns what stands in the lists Records of a document, or in place of them.
func listed(t *testing.T, text []byte) (all []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		var list []json.RawMessage
		switch {
		case key != "Records":
		case json.Unmarshal(value, &list) == nil:
			all = append(all, list...)
		default:
			all = append(all, value)
		}
	}
	return all
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, path string }{{"record versions", "testdata"}, {"delivered", "../../shared/corpus/attack-simulation"}} {
		b.Run(c.name, func(b *testing.B) {
			var text []byte
			for _, path := range corpusFiles(b, c.path) {
				text = append(append(text, readFile(b, path)...), '\n')
			}
			if len(text) == 0 {
				b.Skip("the corpus is not beside this checkout")
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			d := NewDecoder(nil, Limits{})
			var r Record
			n := 0
			for b.Loop() {
				d.Reset(bytes.NewReader(text))
				for n = 0; d.Next(&r) == nil; n++ {
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
