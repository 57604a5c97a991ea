package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Limits bound what one record may be. Zero fields mean the defaults.
type Limits struct {
	// MaxRecord is the largest record in bytes, and so bounds the decoder's
	// memory. The default is 16 MiB; CloudTrail caps an event at 1 MiB.
	MaxRecord int
	// MaxDepth is how deep arrays and objects may nest; the default is 200.
	MaxDepth int
}

const (
	defaultMaxRecord = 16 << 20
	defaultMaxDepth  = 200
	// lookBehind is how much text around a place decides whether a record can start
	// there. Records are indented by less.
	lookBehind = 128
	// lookAhead is how much text from a brace on decides whether a record starts there,
	// where its first key does not tell: a record has its eventTime well before.
	lookAhead = 64 << 10
	// lookShare bounds what is looked at ahead, by what was read so far. Objects inside of
	// others are looked at again and again, and a record has few levels of them.
	lookShare = 8
	// padding is how many bytes of the buffer stay free behind the text, for those who
	// read whole words.
	padding = 64
)

// RecordError is a stretch of a file that could not be read as a record. Decoding
// goes on behind it.
type RecordError struct {
	// Offset is where the stretch starts, in bytes of the decompressed file.
	Offset int64
	// Length is how long it is, in bytes.
	Length int64
	// Raw holds its bytes, at most the first Limits.MaxRecord of them. The caller owns
	// it.
	Raw []byte
	// Err says what is wrong.
	Err error
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record at byte %d: %v", e.Offset, e.Err)
}

// Unwrap returns Err.
func (e *RecordError) Unwrap() error { return e.Err }

// Decoder reads the records of one log file. It accepts, found by content: the
// document {"Records":[…]} that CloudTrail delivers, also with a single object in
// place of the list or with several keys Records, a bare list of records, a list of such documents,
// as jq -s makes of files, a single record, and any of these one after the other, as in
// newline-delimited JSON. It holds one record at a
// time in memory, and its time is proportional to the length of the text, whatever the text is.
type Decoder struct {
	r        io.Reader
	limits   Limits
	buf      []byte
	own      []byte // buf as it was before ResetText lent another; nil when buf is the decoder's
	start    int    // of what is not consumed, in buf
	base     int64  // offset in the file of buf[0]
	readErr  error  // io.EOF, or why reading ended
	state    state
	envelope bool // the open list is that of a Records document
	single   bool // one value, an object mostly, stands in place of that list
	inner    bool // that document is an element of a bare list
	found    bool // the open list was found behind damage: what closes it is not known
	// unbalanced is the offset up to which brackets were counted in vain. Starting
	// again below it would make the time quadratic.
	unbalanced int64
	looked     int64 // how many bytes were looked at ahead
	lookedAt   int64 // the offset where that was done last
	parser     parser
	fast       *fastReader // nil leaves every record to the parser
}

type state uint8

const (
	atDocument state = iota // between documents
	inList                  // in a list, before an element or its end
	afterList               // behind the list of a Records document
)

// NewDecoder returns a decoder over the decompressed bytes of one file.
func NewDecoder(r io.Reader, l Limits) *Decoder {
	if l.MaxRecord <= 0 {
		l.MaxRecord = defaultMaxRecord
	}
	if l.MaxDepth <= 0 {
		l.MaxDepth = defaultMaxDepth
	}
	d := &Decoder{r: r, limits: l, buf: make([]byte, 0, 256<<10)}
	if l.MaxDepth >= minFastDepth {
		d.fast = newFastReader()
	}
	return d
}

// Reset makes the decoder read another file, and keeps its memory.
func (d *Decoder) Reset(r io.Reader) {
	if d.own != nil {
		d.buf = d.own
	}
	*d = Decoder{r: r, limits: d.limits, buf: d.buf[:0], fast: d.fast}
}

// ResetText is Reset for a text that is in memory. It is not copied: the decoder and the
// records that it fills use it until they are reset.
func (d *Decoder) ResetText(text []byte) {
	if len(text) > d.limits.MaxRecord { // which is looked at when more has to be read
		d.Reset(bytes.NewReader(text))
		return
	}
	d.Reset(nil)
	d.own, d.buf, d.readErr = d.buf, slices.Grow(text, padding), io.EOF
}

// Offset returns how many bytes have been consumed.
func (d *Decoder) Offset() int64 { return d.base + int64(d.start) }

// Next decodes the next record into rec. It returns a *RecordError for a stretch
// that is no record, after which Next may be called again; io.EOF at the end of the
// file; and any other error that reading gave, wrapped, once all that was read
// before it has been handed out.
func (d *Decoder) Next(rec *Record) error {
	for {
		c, err := d.peek()
		if err != nil {
			return d.end(err)
		}
		switch d.state {
		case atDocument:
			d.inner = false
			if c == '[' {
				d.start++
				d.state, d.envelope, d.found = inList, false, false
				continue
			}
			if n, ok := d.recordsList(); ok {
				d.start += n
				continue
			}
			return d.element(rec, c)
		case inList:
			switch c {
			case ',':
				d.start++
				continue
			case ']':
				d.start++
				d.state = atDocument
				if d.envelope || d.found {
					d.state = afterList
				}
				continue
			}
			if d.single {
				d.state, d.single = afterList, false
			} else if c == '{' && !d.envelope && !d.found {
				if n, ok := d.recordsList(); ok {
					d.start += n
					d.inner = true
					continue
				}
			}
			return d.element(rec, c)
		case afterList:
			if c == '}' || d.found {
				d.state = atDocument
				if c == '}' {
					d.start++
					if d.inner {
						d.state, d.envelope, d.inner = inList, false, false
					}
				}
				d.found = false
				continue
			}
			if c == ',' {
				if n, err := d.member(); err == nil {
					d.start += n
					continue
				}
			}
			d.state = atDocument
			return d.resync(d.start, errors.New("unexpected text behind the list of records"))
		}
	}
}

// end turns the end of the input into what Next returns.
func (d *Decoder) end(err error) error {
	if d.state == atDocument || err != io.EOF {
		d.state = atDocument
		return err
	}
	d.state = atDocument
	return &RecordError{Offset: d.Offset(), Err: errors.New("the file ends before its list of records does")}
}

// peek returns the next byte that is no white space, without consuming it.
func (d *Decoder) peek() (byte, error) {
	for {
		for ; d.start < len(d.buf); d.start++ {
			switch c := d.buf[d.start]; c {
			case ' ', '\t', '\n', '\r':
			case 0xEF:
				if d.Offset() != 0 || !d.have(3) || string(d.buf[:3]) != "\uFEFF" {
					return c, nil
				}
				d.start += 2 // byte order mark
			default:
				return c, nil
			}
		}
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
}

// have makes sure that n unconsumed bytes are in the buffer.
func (d *Decoder) have(n int) bool {
	for len(d.buf)-d.start < n {
		if d.fill() != nil {
			return false
		}
	}
	return true
}

// fill reads more, and moves or grows the buffer where it must.
func (d *Decoder) fill() error {
	if d.readErr != nil {
		return d.readErr
	}
	if len(d.buf) == cap(d.buf)-padding {
		if d.start >= cap(d.buf)/2 {
			d.base += int64(d.start)
			d.buf = d.buf[:copy(d.buf, d.buf[d.start:])]
			d.start = 0
		} else {
			d.buf = append(make([]byte, 0, 2*cap(d.buf)), d.buf...)
		}
	}
	for range 100 {
		n, err := d.r.Read(d.buf[len(d.buf) : cap(d.buf)-padding])
		d.buf = d.buf[:len(d.buf)+n]
		if err == io.EOF {
			d.readErr = io.EOF
		} else if err != nil {
			d.readErr = fmt.Errorf("read at byte %d: %w", d.base+int64(len(d.buf)), err)
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return d.readErr
		}
	}
	d.readErr = io.ErrNoProgress
	return d.readErr
}

// recordsList recognises {"Records": and returns how much of it to consume. Other
// members may stand before, as long as no record has such a key. What stands in place of
// the list, an object mostly, is left to be read as an element; null is an empty list.
func (d *Decoder) recordsList() (int, bool) {
	for size := 64; ; size *= 2 {
		full := d.have(size)
		p := parser{data: d.buf[d.start:], maxDepth: d.limits.MaxDepth, rec: new(Record)}
		n := 0
		err := p.recordsKey()
		if err == nil {
			n, err = d.records(&p)
		}
		if err == errShort && full && d.readErr == nil && size < d.limits.MaxRecord {
			continue
		}
		if err != nil {
			return 0, false
		}
		d.envelope, d.found = true, false
		return n, true
	}
}

// records stands before the value of a key Records: it chooses the state in which the
// records in it are read, and returns how much to consume until then.
func (d *Decoder) records(p *parser) (int, error) {
	n := p.pos
	switch p.data[n] {
	case '[':
		d.state = inList
		return n + 1, nil
	case 'n':
		err := p.literal("null")
		if err == nil {
			d.state = afterList
		}
		return p.pos, err
	case '{':
	default:
		if err := p.skip(); err != nil {
			return 0, err
		}
	}
	d.state, d.single = inList, true
	return n, nil
}

// recordsKey moves to the value of the key Records.
func (p *parser) recordsKey() error {
	if err := p.enter('{'); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := p.next('}', first)
		if err != nil {
			return err
		}
		if !more {
			return p.fail("no key Records")
		}
		key, err := p.name()
		if err != nil {
			return err
		}
		if string(key) == "Records" {
			return p.space()
		}
		if plan.byKey[string(key)] != nil {
			return p.fail("a record, not a document of records")
		}
		if err := p.skip(); err != nil {
			return err
		}
	}
}

// member measures a comma, key and value behind the list of records. Where the key is
// Records again, more of them follow: it measures what stands before them.
func (d *Decoder) member() (int, error) {
	return d.parse(func(p *parser) (int, error) {
		p.pos++
		key, err := p.name()
		if err == nil {
			err = p.space()
		}
		if err != nil {
			return 0, err
		}
		if string(key) == "Records" {
			return d.records(p)
		}
		if plan.byKey[string(key)] != nil {
			return 0, p.fail("a record with a key Records")
		}
		err = p.skip()
		return p.pos, err
	})
}

// parse runs f over what is in the buffer, and again with more of the file for as
// long as f finds that its text ends too early.
func (d *Decoder) parse(f func(*parser) (int, error)) (int, error) {
	for {
		d.parser = parser{data: d.buf[d.start:], maxDepth: d.limits.MaxDepth, rec: d.parser.rec, fast: d.fast}
		n, err := f(&d.parser)
		if err != errShort {
			return n, err
		}
		size := len(d.buf) - d.start
		if size > d.limits.MaxRecord {
			return 0, fmt.Errorf("the record is larger than %d bytes%s", d.limits.MaxRecord, hintOf(d.parser.data))
		}
		// Twice as much, so that starting again costs no more than going on.
		if !d.have(2*size) && len(d.buf)-d.start == size {
			return 0, errShort
		}
	}
}

// element decodes the value at the start of the buffer, which should be a record.
func (d *Decoder) element(rec *Record, c byte) error {
	d.parser.rec = rec
	if c != '{' {
		n, err := d.parse(func(p *parser) (int, error) {
			err := p.skip()
			return p.pos, err
		})
		if err == nil && d.state != atDocument {
			return d.reject(n, errors.New("a record must be a JSON object"))
		}
		if d.state != inList || err == errShort {
			err = errors.New("not JSON")
		}
		return d.resync(d.start, err)
	}
	n, err := d.parse((*parser).record)
	if err == nil {
		rec.offset = d.Offset()
		if err := d.parser.check(); err != nil {
			return d.reject(n, err)
		}
		d.start += n
		return nil
	}
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		return d.broken(d.start+syntax.pos, err)
	}
	if err == errShort {
		if d.readErr != io.EOF {
			err = d.readErr
		}
		d.state = atDocument // what follows is the end
		return d.reject(len(d.buf)-d.start, err)
	}
	return d.resync(len(d.buf), err)
}

// reject consumes n bytes and reports them as no record.
func (d *Decoder) reject(n int, err error) error {
	e := &RecordError{Offset: d.Offset(), Length: int64(n), Raw: bytes.Clone(d.buf[d.start : d.start+n]), Err: err}
	d.start += n
	return e
}

// broken handles a record whose text is wrong at bad, an index into buf. Where its
// brackets balance and a delimiter follows, exactly it is left out; otherwise
// reading goes on at the next place that looks like the start of a record.
func (d *Decoder) broken(bad int, err error) error {
	rel := bad - d.start
	if n, ok := d.balanced(); ok {
		return d.reject(n, err)
	}
	return d.resync(d.start+rel, err)
}

// balanced measures the object at the start of the buffer by its brackets alone.
func (d *Decoder) balanced() (int, bool) {
	if d.Offset() < d.unbalanced {
		return 0, false
	}
	var open []byte
	inString := false
	for i := 0; ; i++ {
		if i > d.limits.MaxRecord || len(open) > d.limits.MaxDepth || !d.have(i+1) {
			d.unbalanced = d.Offset() + int64(i)
			return 0, false
		}
		switch c := d.buf[d.start+i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			open = append(open, c+2) // in ASCII, the bracket that closes it
		case c == '}' || c == ']':
			if open[len(open)-1] != c {
				d.unbalanced = d.Offset() + int64(i)
				return 0, false
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				d.have(i + 1 + 64) // the delimiter
				rest := bytes.TrimLeft(d.buf[d.start+i+1:], space)
				return i + 1, len(rest) == 0 || rest[0] == ',' || rest[0] == ']' || rest[0] == '{'
			}
		}
	}
}

// resync skips to the next place that looks like the start of a record or document,
// or to the end of the file. It searches from a little before the index from: an
// error shows only behind a missing quotation mark or brace.
func (d *Decoder) resync(from int, cause error) error {
	e := &RecordError{Offset: d.Offset(), Err: cause}
	at := d.base + int64(max(d.start+1, from-64))
	for {
		i, place, short := d.nextStart(int(at - d.base))
		switch {
		case short:
			at = d.base + int64(i)
			d.drop(e, i-lookBehind)
			d.have(i - d.start + lookAhead) // the next round sees how that ended
			continue
		case i >= 0:
			d.found = d.found || place == inList && d.state != inList
			d.state = place
			d.drop(e, i)
			return e
		case d.readErr != nil:
			d.state = atDocument
			d.drop(e, len(d.buf))
			return e
		}
		// A start may be only half here, and what stands before it decides.
		at = max(at, d.base+int64(len(d.buf)-lookBehind))
		d.drop(e, int(at-d.base)-lookBehind)
		d.fill() // the next round sees how that ended
	}
}

// drop moves the bytes before index end of the buffer into e.
func (d *Decoder) drop(e *RecordError, end int) {
	if end <= d.start {
		return
	}
	skipped := d.buf[d.start:end]
	e.Length += int64(len(skipped))
	e.Raw = append(e.Raw, skipped[:min(len(skipped), max(0, d.limits.MaxRecord-len(e.Raw)))]...)
	d.start = end
}

// nextStart returns the index in the buffer, from on, of the next object that begins like
// a record or a document and stands where one can stand, and the state to read it in; -1
// if there is none. A record begins with its version, or shows itself by its first keys,
// and stands behind a comma (behind an object and a comma, where no list is known of),
// behind the bracket of a list, or at the start of a line. A document begins with the key
// Records, or between documents simply with a line. Where short is true, more of the text
// has to be there to tell.
func (d *Decoder) nextStart(from int) (i int, place state, short bool) {
	s, now := d.buf, d.state
	if now == afterList {
		now = atDocument // behind a broken object in place of a list
	}
	for i := from; i < len(s); i++ {
		n := bytes.IndexByte(s[i:], '{')
		if n < 0 {
			break
		}
		i += n
		before := bytes.TrimRight(s[max(0, i-lookBehind):i], " \t")
		line := len(before) == 0 || before[len(before)-1] == '\n'
		inside := bytes.TrimLeft(s[i+1:min(len(s), i+1+lookBehind)], space)
		place, ok := recordPlace(before, line, now)
		switch {
		case bytes.HasPrefix(inside, []byte(`"Records"`)):
			if line || now == atDocument {
				return i, atDocument, false
			}
		case ok && bytes.HasPrefix(inside, []byte(`"eventVersion"`)):
			return i, place, false
		case now == atDocument && i > 0 && s[i-1] == '\n':
			return i, atDocument, false
		case ok && bytes.HasPrefix(inside, []byte(`"`)):
			if yes, short := d.recordAhead(i); yes || short {
				return i, place, short
			}
		}
	}
	return -1, now, false
}

const space = " \t\r\n"

// recordPlace reports whether a record can stand behind the text before, and in which
// state it is to be read.
func recordPlace(before []byte, line bool, now state) (place state, ok bool) {
	before = bytes.TrimRight(before, space)
	list := bytes.HasSuffix(before, []byte("["))
	if rest, ok := bytes.CutSuffix(before, []byte(",")); ok {
		list = now == inList || bytes.HasSuffix(bytes.TrimRight(rest, space), []byte("}"))
	}
	if list {
		return inList, true
	}
	return now, line
}

// recordAhead reports whether the object at index i of the buffer has the keys of a
// record. Where short is true, more of the text has to be there to tell.
func (d *Decoder) recordAhead(i int) (yes, short bool) {
	at := d.base + int64(i)
	if d.looked > lookShare*(at+lookAhead) {
		return false, false
	}
	text := d.buf[i:min(len(d.buf), i+lookAhead)]
	p := parser{data: text, maxDepth: d.limits.MaxDepth}
	err := p.recordKeys()
	if err == errShort {
		if len(text) < lookAhead && d.readErr == nil {
			return false, true
		}
		p.pos = len(text)
	}
	if at > d.lookedAt {
		d.looked, d.lookedAt = d.looked+int64(p.pos), at
	}
	return err == nil, false
}

// recordKeys reads an object until it has shown eventTime and two more keys of records.
func (p *parser) recordKeys() error {
	if err := p.enter('{'); err != nil {
		return err
	}
	known, timed := 0, false
	for first := true; ; first = false {
		more, err := p.next('}', first)
		if err != nil {
			return err
		}
		if !more {
			return p.fail("no record")
		}
		key, err := p.name()
		if err != nil {
			return err
		}
		if m := plan.byKey[string(key)]; m != nil {
			known++
			timed = timed || m == eventTimeNode
		}
		if timed && known >= 3 {
			return nil
		}
		if err := p.skip(); err != nil {
			return err
		}
	}
}
