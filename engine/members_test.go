package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func showMembers(text string) string {
	m, ok := AppendMembers([]Member{{Key: []byte("before")}}, []byte(text))
	if string(m[0].Key) != "before" {
		return "the slice was changed"
	}
	if !ok {
		return fmt.Sprint("none", len(m)-1)
	}
	var parts []string
	for _, e := range m[1:] {
		v := "NULL"
		if e.Value != nil {
			v = fmt.Sprintf("%q", e.Value)
		}
		parts = append(parts, fmt.Sprintf("%q=%s", e.Key, v))
	}
	return strings.Join(parts, " ")
}

func TestAppendMembers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{}`, ``},
		{` { "a" : 1 } `, `"a"="1"`},
		{`{"b":"x","a":"","":"e"}`, `""="e" "a"="" "b"="x"`},
		{`{"n":1.10,"e":1E5,"z":0.1e-400,"m":-0.0,"big":123456789012345678901234567890}`,
			`"big"="123456789012345678901234567890" "e"="1E5" "m"="-0.0" "n"="1.10" "z"="0.1e-400"`},
		{`{"t":true,"f":false,"n":null}`, `"f"="false" "n"=NULL "t"="true"`},
		{`{"o":{"z":1,"a":"http:\/\/x\u00e9","q":"\"}"},"l":[1,"]",[]]}`,
			`"l"="[1,\"]\",[]]" "o"="{\"z\":1,\"a\":\"http:\\/\\/x\\u00e9\",\"q\":\"\\\"}\"}"`},
		{`{"a":1,"b":2,"a":3,"a":null}`, `"a"=NULL "b"="2"`},
		{`{"\u0061":1,"a":2}`, `"a"="2"`},
		{`{"k":"\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00é😀"}`, `"k"="\"\\/\b\f\n\r\t\x00é😀é😀"`},
		{`{"k":"\ud83d|\ude00|\ud83dx|\ud83d\u0041|\ud83d\ud83d\ude00"}`, `"k"="�|�|�x|�A|�😀"`},
		{`{"é":1,"z":2,"Z":3,"😀":4,"\uffff":5}`, `"Z"="3" "z"="2" "é"="1" "\uffff"="5" "😀"="4"`},
		{`{"a":"\\"}`, `"a"="\\"`},

		{``, `none0`}, {` `, `none0`}, {`null`, `none0`}, {`[1]`, `none0`}, {`"{}"`, `none0`}, {`7`, `none0`},
		{`{`, `none0`}, {`{"a"`, `none0`}, {`{"a":`, `none0`}, {`{"a":}`, `none0`}, {`{"a":1`, `none0`}, {`{"a":1,`, `none0`},
		{`{"a":1,}`, `none0`}, {`{"a":1}x`, `none0`}, {`{}x`, `none0`}, {`{"a" 1}`, `none0`}, {`{a:1}`, `none0`}, {`{"a":"`, `none0`}, {`{"`, `none0`},
		{`{"a":"\`, `none0`}, {`{"a":"\u`, `none0`}, {`{"a":"\ud83d\u`, `none0`}, {`{"a":{"b":1}`, `none0`}, {`{"a":1 2}`, `none0`},

		// No JSON, and yet UTF-8 must come of it.
		{`{"a":"\ud3dé\u12"}`, `"a"="�d3dé�12"`},
	} {
		if got := showMembers(c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestAppendElements(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`[]`, ``}, {`[1.10,"\/",{"a":[1]},[],null]`, `1.10 "\/" {"a":[1]} [] null`},
		{`{}`, `none`}, {`[`, `none`}, {`[1`, `none`}, {`[,]`, `none`}, {`[1]]`, `none`}, {``, `none`},
	} {
		e, ok := AppendElements(nil, []byte(c.text))
		got := string(bytes.Join(e, []byte(" ")))
		if !ok {
			got = "none" + got
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}

// FuzzMembers compares with encoding/json, and has text that is no JSON read, too.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{"a":1.10,"b":"\ud83d\ude00\/","a":{"x":[null,"]}"]}}`, `{"":null,"é":"\ud800\ud83d\ude00"}`, `[{"a":1},2]`, `{"a":"\`, `{ "a" : [ 1 , 2 ] , "b":tru}`, `null`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !utf8.Valid(text) {
			return // no such VARCHAR
		}
		members, isObject := AppendMembers(nil, text)
		elements, isArray := AppendElements(nil, text)
		for _, m := range members {
			if !utf8.Valid(m.Key) || !utf8.Valid(m.Value) {
				t.Fatalf("%q=%q", m.Key, m.Value)
			}
		}
		if !json.Valid(text) {
			return
		}
		var array []json.RawMessage
		if wantArray := json.Unmarshal(text, &array) == nil && array != nil; isArray != wantArray || !slices.EqualFunc(elements, array, func(a []byte, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Fatalf("%s: got %q, want %q", text, elements, array)
		}
		var object map[string]json.RawMessage
		if wantObject := json.Unmarshal(text, &object) == nil && object != nil; isObject != wantObject {
			t.Fatalf("%s: object: %v", text, isObject)
		}
		keys := slices.Sorted(maps.Keys(object))
		if len(keys) != len(members) {
			t.Fatalf("%s: got %d members, want %d", text, len(members), len(keys))
		}
		for i, k := range keys {
			want := []byte(object[k])
			switch want[0] {
			case 'n':
				want = nil
			case '"':
				var s string
				if err := json.Unmarshal(want, &s); err != nil {
					t.Fatal(err)
				}
				want = []byte(s)
			}
			if m := members[i]; string(m.Key) != k || !bytes.Equal(m.Value, want) || (m.Value == nil) != (want == nil) {
				t.Fatalf("%s: got %q=%q, want %q=%q", text, m.Key, m.Value, k, want)
			}
		}
	})
}
