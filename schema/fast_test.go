package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// describe lists all that a decoder says of a text, values included.
func describe(d *Decoder, r io.Reader) (steps []string) {
	d.Reset(r)
	var rec Record
	for len(steps) < 10000 {
		err := d.Next(&rec)
		var bad *RecordError
		switch {
		case err == io.EOF:
			return append(steps, fmt.Sprintf("end at %d", d.Offset()))
		case errors.As(err, &bad):
			steps = append(steps, fmt.Sprintf("bad %d %d %v %q", bad.Offset, bad.Length, bad.Err, bad.Raw))
		case err != nil:
			return append(steps, err.Error())
		default:
			s := fmt.Sprintf("record %d canonical %v %q", rec.Offset(), rec.Canonical(), rec.Raw())
			s = string(describeValues([]byte(s), &rec, plan, rec.vals))
			steps = append(steps, fmt.Sprintf("%s rebuilt %q", s, rec.Rebuild(nil)))
		}
	}
	return append(steps, noEnd)
}

func describeValues(s []byte, r *Record, n *node, vals []value) []byte {
	for _, m := range n.members {
		v := &vals[m.slot]
		if !v.set {
			continue
		}
		s = fmt.Appendf(s, " %s", m.col.Name)
		switch {
		case m.group():
			for entries := r.entriesOf(m, v); len(entries) > 0; entries = entries[m.slots:] {
				s = append(describeValues(append(s, '{'), r, m, entries[:m.slots]), '}')
			}
		case m.col.Kind == KindStruct:
			s = append(describeValues(append(s, '('), r, m, vals), ')')
		default:
			s = fmt.Appendf(s, "=%q %d", v.text, v.n)
		}
	}
	return s
}

// plainDecoder returns a decoder without the fast reader.
func plainDecoder(l Limits) *Decoder {
	d := NewDecoder(nil, l)
	d.fast = nil
	return d
}

// checkFast compares the two decoders on a text: with an empty cache of objects, with one
// that knows those of the text, and when the text comes in pieces. It returns how many
// records the fast reader took.
func checkFast(t *testing.T, fast, plain *Decoder, text []byte) {
	t.Helper()
	want := describe(plain, bytes.NewReader(text))
	for range 2 {
		if got := describe(fast, bytes.NewReader(text)); !slices.Equal(got, want) {
			t.Fatalf("text %q\nfast  %s\nplain %s", text, differ(got, want), differ(want, got))
		}
	}
	if got := describe(fast, iotest.HalfReader(bytes.NewReader(text))); !slices.Equal(got, describe(plain, iotest.HalfReader(bytes.NewReader(text)))) {
		t.Fatalf("text %q in pieces\nfast  %s\nplain %s", text, differ(got, want), differ(want, got))
	}
}

// differ returns the first step of a that b has not.
func differ(a, b []string) string {
	for i, s := range a {
		if i >= len(b) || b[i] != s {
			return s
		}
	}
	return "nothing more"
}

// Every log file there is, as it is and without white space.
func TestFastCorpus(t *testing.T) {
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	for _, path := range corpusFiles(t, "testdata", "../../shared/corpus") {
		text := readFile(t, path)
		checkFast(t, fast, plain, text)
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			t.Fatal(err)
		}
		checkFast(t, fast, plain, compact.Bytes())
	}
}

// A record of every eventVersion with the keys that it brought and all before it is
// canonical, and the fast reader takes it.
func TestFastVersions(t *testing.T) {
	var doc struct{ Records []map[string]json.RawMessage }
	if err := json.Unmarshal(readFile(t, "testdata/delivered.json"), &doc); err != nil {
		t.Fatal(err)
	}
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	for minor := range 12 {
		text := []byte{'{'}
		for _, c := range DeliveredColumns() {
			var since int
			if fmt.Sscanf(c.Since, "1.%d", &since); since > minor {
				continue
			}
			val := doc.Records[0][c.Key]
			if c.Key == "eventVersion" {
				val = fmt.Appendf(nil, `"1.%02d"`, minor)
			}
			text = fmt.Appendf(text, `"%s":%s,`, c.Key, val)
		}
		text[len(text)-1] = '}'
		checkFast(t, fast, plain, text)
		padded := append(bytes.Clone(text), make([]byte, padding)...)
		if _, ok := fast.fast.record(padded, len(text), new(Record)); !ok {
			t.Errorf("not taken: %s", text)
		}
	}
}

// Nearly every delivered record is read by the fast reader, or it is of no use.
func TestFastTakesCanonical(t *testing.T) {
	f := newFastReader()
	for _, path := range corpusFiles(t, "testdata", "../../shared/corpus/attack-simulation") {
		d := plainDecoder(Limits{})
		d.Reset(bytes.NewReader(readFile(t, path)))
		for {
			var r, again Record
			if err := d.Next(&r); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			padded := append(bytes.Clone(r.Raw()), make([]byte, padding)...)
			n, ok := f.record(padded, len(r.Raw()), &again)
			if ok != r.Canonical() && !bytes.Contains(r.Raw(), []byte(`\ud8`)) {
				t.Errorf("fast = %v, canonical = %v: %s", ok, r.Canonical(), r.Raw())
			}
			if ok && n != len(r.Raw()) {
				t.Errorf("%d bytes of %s", n, r.Raw())
			}
		}
	}
}

// The fast reader does not take a record that ends behind the text, whatever is there.
func TestFastLimit(t *testing.T) {
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	for _, text := range []string{
		rec(1), `{` + at + `,"readOnly":true}`, `{` + at + `,"tlsDetails":{"tlsVersion":"x"}}`, `{` + at + `,"requestParameters":{"a":[1,"\\"]}}`, `{` + at + `}`,
		`{` + at + `,"userAgent":"a\"bcdefghijk"}`,
	} {
		padded := append([]byte(text), make([]byte, padding)...)
		for limit := range len(text) + 1 {
			if _, ok := fast.fast.record(padded, limit, new(Record)); ok != (limit == len(text)) {
				t.Errorf("fast = %v with %d bytes of %s", ok, limit, text)
			}
			checkFast(t, fast, plain, []byte(text[:limit]))
		}
	}
}

// Texts that differ from canonical ones in a byte or two.
func TestFastNearMisses(t *testing.T) {
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	near := func(parts ...string) {
		t.Helper()
		checkFast(t, fast, plain, []byte("{"+at+strings.Join(parts, "")+"}\n"+rec(1)))
	}
	for _, block := range []string{
		`{"a":1]`, `[1}`, `{"a",1}`, `{"a" 1}`, `{"a"x1}`, `{"a":}`, `{"a"}`, `{a:1}`, `{1:1}`, `{,}`, `[,]`, `[1,]`, `{"a":1,}`, `[1 2]`, `[1"a"]`, `{"a":1"b":2}`,
		`{"a":1,,"b":2}`, `[[1]`, `[1]]`, `{{}}`, `{[]}`, `[{]}`, `"a""b"`, `"a`, `a"`, `1a`, `-`, `--1`, `01`, `00`, `1.e1`, `1e+`, `0x1`, `nulll`, `nul`, `nullx`, `truee`,
		`fals`, `falsee`, `"\u00"`, `"\u00zz"`, `"\U0041"`, `"\ud800"`, `"\udfff"`, `"\ud7ff\ue000"`, `"\a"`, "\"\t\"", "\"\x1f\"", `""`, `{}`, `[]`, `[[]]`, `[{}]`, ``,
	} {
		near(`,"requestParameters":`, block)
		near(`,"requestParameters":`, block, `,"eventID":"1"`)
		near(`,"requestParameters":{"x":`, block, `},"eventID":"1"`)
		near(`,"userAgent":`, block)
		near(`,"readOnly":`, block)
		near(`,"resources":`, block)
		near(`,"tlsDetails":`, block, `,"eventContext":1`)
		near(`,"tlsDetails":{"tlsVersion":`, block, `}`)
	}
	for _, text := range []string{
		`{"eventTime":"2023-07-10T12:32:49Zx}`, `{"eventTime":"2023-07-10T12:32:49Z,"eventName":"a"}`, `{"eventTime":2023-07-10T12:32:49Z"}`, `{"eventTime":"2023-07-10T12:32:49Z"}}`,
		`{"eventTime":"2023-07-10T12:32:49Z",}`, `{"eventTime":"2023-07-10T12:32:49Z""eventName":"a"}`, `{"eventTime":"2023-07-10T12:32:49Z";"eventName":"a"}`, `{,"eventTime":"2023-07-10T12:32:49Z"}`,
		`{"eventTime":"2023-07-10T12:32:49Z"]`, `["eventTime":"2023-07-10T12:32:49Z"}`, `{"eventTime""2023-07-10T12:32:49Z"}`, `{}`, `{"eventVersion":"1"}`, `{"eventTimex":"2023-07-10T12:32:49Z"}`,
		`{"eventName":"a","eventTime":"2023-07-10T12:32:49Z"}`, `{"eventTime":"2023-07-10T12:32:49Z","eventTime":"2023-07-10T12:32:50Z"}`,
	} {
		checkFast(t, fast, plain, []byte(text+"\n"+rec(1)))
		checkFast(t, fast, plain, []byte("["+text+","+rec(1)+"]"))
	}
}

// What is inside the bounds of the fast reader is inside those of the parser.
func TestFastDepth(t *testing.T) {
	for _, l := range []Limits{{}, {MaxDepth: minFastDepth}, {MaxDepth: 20}} {
		fast, plain := NewDecoder(nil, l), plainDecoder(l)
		for depth := range 80 {
			lists := strings.Repeat("[", depth) + "[]" + strings.Repeat("]", depth)
			objects := strings.Repeat(`{"a":`, depth) + "{}" + strings.Repeat("}", depth)
			for _, block := range []string{lists, objects} {
				checkFast(t, fast, plain, []byte("{"+at+`,"requestParameters":`+block+"}"))
			}
		}
	}
}

func TestFastMaxRecord(t *testing.T) {
	long := `[{` + at + `,"userAgent":"` + strings.Repeat("x", 700<<10) + `"},` + rec(1) + `]`
	for _, size := range []int{100, 256 << 10, 512 << 10, 1 << 20} {
		l := Limits{MaxRecord: size}
		checkFast(t, NewDecoder(nil, l), plainDecoder(l), []byte(long))
	}
}

// A cache that is full is emptied, and what it gave stays right.
func TestFastManyObjects(t *testing.T) {
	var text bytes.Buffer
	for i := range 3 * maxObjects {
		fmt.Fprintf(&text, `{"userIdentity":{"type":"IAMUser","userName":"u%d"},%s,"resources":[{"ARN":"r%d"},{"ARN":"s%d"}]}`, i%(2*maxObjects), at, i, i/2)
	}
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	want := describe(plain, bytes.NewReader(text.Bytes()))
	if got := describe(fast, bytes.NewReader(text.Bytes())); !slices.Equal(got, want) {
		t.Errorf("fast  %s\nplain %s", differ(got, want), differ(want, got))
	}
	for _, c := range fast.fast.objects {
		if c != nil && (c.used > maxObjects || len(c.table) > 4*maxObjects) {
			t.Errorf("%s: %d objects in a table of %d", c.node.col.Name, c.used, len(c.table))
		}
	}
}

func TestFastLargeObjects(t *testing.T) {
	var text bytes.Buffer
	for i := range 200 {
		fmt.Fprintf(&text, `{%s,"resources":[{"ARN":"%d"}%s]}`, at, i, strings.Repeat(`,{}`, 1+i*10))
	}
	checkFast(t, NewDecoder(nil, Limits{}), plainDecoder(Limits{}), text.Bytes())
}

// FuzzFast compares the decoders on any text.
func FuzzFast(f *testing.F) {
	for _, path := range corpusFiles(f, "testdata") {
		f.Add(readFile(f, path))
	}
	f.Add([]byte(`{"Records":[` + rec(1) + `,{"eventTime":"x"},` + rec(2) + `]}`))
	f.Add([]byte(`[{` + at + `,"resources":[{"ARN":"a"}],"userIdentity":{"sessionContext":{}},"requestParameters":{"a":"\ud800 \u0041"}}]`))
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	f.Fuzz(func(t *testing.T, text []byte) { checkFast(t, fast, plain, text) })
}

// FuzzFastRecords compares the decoders on texts that are records, or nearly so:
// choices decides what is in them.
func FuzzFastRecords(f *testing.F) {
	for i := range 40 {
		seed := make([]byte, 40+20*i)
		for j := range seed {
			seed[j] = byte(j*j*(i+3) + j>>2*i)
		}
		f.Add(seed)
	}
	fast, plain := NewDecoder(nil, Limits{}), plainDecoder(Limits{})
	f.Fuzz(func(t *testing.T, choices []byte) {
		c := &chooser{choices: choices}
		c.records()
		checkFast(t, fast, plain, c.text)
	})
}

// The same, with choices at random: most of the records are canonical, which mutations of
// a seed rarely are.
func TestFastRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 2))
	fast, plain, b := NewDecoder(nil, Limits{}), plainDecoder(Limits{}), NewBuilder()
	records, canonical := 0, 0
	for range 300 {
		choices := make([]byte, 1+rnd.IntN(3000))
		for i := range choices {
			choices[i] = byte(rnd.Uint32())
		}
		c := &chooser{choices: choices, tame: rnd.IntN(2) > 0}
		c.records()
		checkFast(t, fast, plain, c.text)
		checkBuilder(t, b, fast, plain, c.text, 1+rnd.IntN(20))
		for _, s := range describe(plain, bytes.NewReader(c.text)) {
			if strings.HasPrefix(s, "record") {
				records++
			}
			if strings.Contains(s, "canonical true") {
				canonical++
			}
		}
	}
	if canonical < records/4 || canonical > records*9/10 {
		t.Errorf("%d of %d records are canonical: the test shows little", canonical, records)
	}
	t.Logf("%d records, %d of them canonical", records, canonical)
}

// chooser makes texts that are like records.
type chooser struct {
	choices []byte
	text    []byte
	depth   int
	tame    bool // makes what is rare a good deal rarer
}

// next returns a number below n; 0 once the choices are used up.
func (c *chooser) next(n int) int {
	if len(c.choices) == 0 {
		return 0
	}
	b := int(c.choices[0])
	c.choices = c.choices[1:]
	return b % n
}

// rarely is true once in a while: a record takes hundreds of choices.
func (c *chooser) rarely() bool { return c.next(128) == 127 && (!c.tame || c.next(8) == 7) }

// pick returns one of the usual texts, and once in a while one of the others.
func (c *chooser) pick(usual []string, odd ...string) string {
	if c.rarely() {
		return odd[c.next(len(odd))]
	}
	return usual[c.next(len(usual))]
}

func (c *chooser) add(s ...string) {
	for _, s := range s {
		c.text = append(c.text, s...)
	}
	if c.rarely() {
		c.text = append(c.text, []string{" ", "\n", "\t ", ",", "}", "\x00"}[c.next(6)]...)
	}
}

func (c *chooser) records() {
	c.add([]string{`{"Records":[`, "[", ""}[c.next(3)])
	for i := 0; len(c.choices) > 0 && i < 20; i++ {
		if i > 0 {
			c.add(",")
		}
		c.object(plan)
		if c.rarely() {
			c.text = c.text[:len(c.text)-c.next(len(c.text))/2]
		}
	}
	c.add("]}"[:c.next(3)])
}

func (c *chooser) object(n *node) {
	order := n.delivery
	if n == resourcesNode && c.next(3) == 0 {
		order = arnFirst
	}
	c.add("{")
	first := true
	for i, m := range order {
		always := m == eventTimeNode && !c.rarely()
		if !always && c.next(3) > 0 {
			continue
		}
		if c.rarely() {
			m = order[c.next(i+1)]
		}
		if !first {
			c.add(",")
		}
		first = false
		key := m.col.Key
		if c.rarely() {
			key = []string{"eventtime", "x", "event\\u0054ime", "é", "", `\u0061rn`, `typ\u0065`, `event\u0049D`}[c.next(8)]
		}
		c.add(`"`, key, `":`)
		c.value(m)
	}
	c.add("}")
}

func (c *chooser) value(m *node) {
	if c.rarely() {
		c.json()
		return
	}
	switch m.col.Kind {
	case KindStruct:
		c.object(m)
	case KindList:
		c.add("[")
		for i := range c.next(4) {
			if i > 0 {
				c.add(",")
			}
			c.object(m)
		}
		c.add("]")
	case KindBool:
		c.add([]string{"true", "false"}[c.next(2)])
	case KindTimestamp:
		c.add(`"`, c.pick([]string{"2023-07-10T12:32:49Z", "2024-02-29T00:00:00Z", "2023-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-04-30T00:00:00Z"},
			"2023-04-31T23:59:59Z", "2023-02-29T00:00:00Z", "2023-07-10T12:32:49.1Z", "1969-07-10T12:32:49Z", "2023-07-10T24:00:00Z", "20131102T010628Z"), `"`)
	case KindJSON:
		c.json()
	default:
		c.string()
	}
}

func (c *chooser) json() {
	c.depth++
	defer func() { c.depth-- }()
	n := c.next(8)
	if c.depth > 6 {
		n %= 6
	}
	switch n {
	case 0:
		c.add("null")
	case 1:
		c.add(c.pick([]string{"true", "false"}, "nul", "tru", "falsy", "True"))
	case 2, 3:
		c.add(c.pick([]string{"0", "-1", "12345678901234567890", "1.10", "-0.0e5", "1E+5"}, "01", "1.", "-", "1e", "+1", ".5"))
	case 4, 5:
		c.string()
	case 6:
		c.add("[")
		for i := range c.next(4) {
			if i > 0 {
				c.add(",")
			}
			c.json()
		}
		c.add("]")
	case 7:
		c.add("{")
		for i := range c.next(4) {
			if i > 0 {
				c.add(",")
			}
			c.string()
			c.add(":")
			c.json()
		}
		c.add("}")
	}
}

func (c *chooser) string() {
	c.text = append(c.text, '"')
	for n := c.next(5); n > 0; n-- {
		c.text = append(c.text, c.pick([]string{
			"a", "us-east-1", "0123456789", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", " ", "{", "}", "[],:", "\x7f", "é", "日本", "🐎",
			`\"`, `\\`, `\n`, `\t`, `\b\f\r`,
		}, `\/`, `\u0041`, `\ud83d\ude00`, `\ud83d`, `\udc00`, `\u00e9`, `\u12`, `\x`, `\é`, "\xff", "\xc3", "\n", "\x01", "\x1f")...)
	}
	c.text = append(c.text, '"')
}
