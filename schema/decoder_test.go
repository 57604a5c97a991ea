package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"
)

// decode returns the delivered texts of all records, and the texts that were
// rejected.
func decode(t testing.TB, d *Decoder) (good, bad []string) {
	t.Helper()
	var rec Record
	for {
		err := d.Next(&rec)
		var re *RecordError
		switch {
		case err == nil:
			good = append(good, string(rec.Raw()))
		case errors.As(err, &re):
			bad = append(bad, string(re.Raw)+" # "+re.Err.Error())
		case err == io.EOF:
			return good, bad
		default:
			return good, append(bad, err.Error())
		}
		if len(good)+len(bad) > 10000 {
			t.Fatal("the decoder does not come to an end")
		}
	}
}

// inMemory returns a decoder of a text in memory, behind which is something else.
func inMemory(text string, l Limits) *Decoder {
	d := NewDecoder(nil, l)
	d.ResetText([]byte(text + strings.Repeat(`"},{`, padding))[:len(text)])
	return d
}

func rec(n int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2023-07-10T12:32:%02dZ","eventID":"%d"}`, n, n)
}

// sorted is a record with its keys in the order of the alphabet, as jq -S writes them.
func sorted(n int) string {
	first := ""
	if n%2 == 0 {
		first = `"additionalEventData":{"MFAUsed":"No"},`
	}
	return fmt.Sprintf(`{%s"awsRegion":"eu-west-1","eventID":"%d","eventName":"GetObject","eventTime":"2023-07-10T12:32:%02dZ","eventVersion":"1.08","userIdentity":{"type":"IAMUser"}}`, first, n, n)
}

func TestDecodeForms(t *testing.T) {
	r1, r2, r3 := rec(1), rec(2), rec(3)
	s1, s2, s3 := sorted(1), sorted(2), sorted(3)
	sortedPretty := "{\n    \"awsRegion\": \"x\",\n    \"eventName\": \"y\",\n    \"eventTime\": \"2023-07-10T12:32:01Z\"\n  }"
	pretty := "{\n  \"eventVersion\": \"1.08\",\n  \"eventTime\": \"2023-07-10T12:32:01Z\"\n}"
	for _, c := range []struct {
		name, in string
		want     []string
		bad      []string
	}{
		{"delivered", `{"Records":[` + r1 + "," + r2 + `]}`, []string{r1, r2}, nil},
		{"newline at the end", `{"Records":[` + r1 + "]}\n", []string{r1}, nil},
		{"pretty", "{\n \"Records\" : [\n" + pretty + "\n]\n}\n", []string{pretty}, nil},
		{"no records", `{"Records":[]}`, nil, nil},
		{"null records", `{"Records":null}`, nil, nil},
		{"object in place of the list", `{"Records":` + r1 + `}`, []string{r1}, nil},
		{"more keys behind", `{"Records":[` + r1 + `],"more":{"a":[1]},"b":2}`, []string{r1}, nil},
		{"two lists", `{"Records":[` + r1 + `],"Records":[` + r2 + `]}`, []string{r1, r2}, nil},
		{"empty list before another", `{"Records":[],"Records":[` + r1 + "," + r2 + `]}`, []string{r1, r2}, nil},
		{"null before a list", `{"Records":null,"Records":[` + r1 + "," + r2 + "]}\n" + r3, []string{r1, r2, r3}, nil},
		{"null behind a list", `{"Records":[` + r1 + `],"Records":null}` + r2, []string{r1, r2}, nil},
		{"three lists", `{"Records":[` + r1 + `], "Records" : [` + r2 + `],"Records":[` + r3 + "]}\n" + r1, []string{r1, r2, r3, r1}, nil},
		{"other keys between lists", `{"a":1,"Records":[` + r1 + `],"b":{"Records":[` + r3 + `]},"c":"d","Records":[` + r2 + `],"e":[{}]}` + r1, []string{r1, r2, r1}, nil},
		{"objects in place of two lists", `{"Records":` + r1 + `,"Records":` + r2 + `,"Records":[` + r3 + `]}`, []string{r1, r2, r3}, nil},
		{"escapes in the key of the list", `{"\u0078":1,"Recor\u0064s":[` + r1 + `],"\u0052ecords":[` + r2 + `],"Records\u0000":[` + r3 + `]}`, []string{r1, r2}, nil},
		{"escapes in the key of the time", `[{"event\u0054ime":"2023-07-10T12:32:49Z"}]`, []string{`{"event\u0054ime":"2023-07-10T12:32:49Z"}`}, nil},
		{"bare list", `[` + r1 + "," + r2 + `]`, []string{r1, r2}, nil},
		{"list of documents", `[{"Records":[` + r1 + "," + r2 + `]},{"x":[1],"Records":[` + r3 + `],"y":2},` + r1 + `,{"Records":null},{"Records":` + r2 + `}]` + r3, []string{r1, r2, r3, r1, r2, r3}, nil},
		{"list of documents with damage", `[{"Records":[` + r1 + `,{"a":tru},` + r2 + `]},5,{"Records":[{"eventVersion":"1","x":{,` + r2 + `]},{"Records":[` + r3 + `]}]` + r1, []string{r1, r2, r2, r3, r1},
			[]string{`{"a":tru} # want a value, got 't'`, "5 # a record must be a JSON object", `{"eventVersion":"1","x":{, # want a key, got ','`}},
		{"list of documents cut off", `[{"Records":[` + r1 + `]},{"Records":[` + r2, []string{r1, r2}, []string{" # the file ends before its list of records does"}},
		{"list of lists of documents", `[[{"Records":[` + r1 + `]}],` + r2 + `]`, []string{r2}, []string{`[{"Records":[` + r1 + `]}] # a record must be a JSON object`}},
		{"one record", r1, []string{r1}, nil},
		{"lines", r1 + "\n" + r2 + "\r\n" + r3, []string{r1, r2, r3}, nil},
		{"lines of documents", `{"Records":[` + r1 + "]}\n" + `{"Records":[` + r2 + `]}`, []string{r1, r2}, nil},
		{"byte order mark", "\uFEFF" + r1, []string{r1}, nil},
		{"empty", "", nil, nil},
		{"white space", " \n\t", nil, nil},

		{"not JSON", "hello world", nil, []string{"hello world # not JSON"}},
		{"binary", "\x00\x01\xff", nil, []string{"\x00\x01\xff # not JSON"}},
		{"not an object", `[1,"a",` + r1 + `]`, []string{r1}, []string{"1 # a record must be a JSON object", `"a" # a record must be a JSON object`}},
		{"no eventTime", `[{"eventID":"1"},` + r1 + `]`, []string{r1}, []string{`{"eventID":"1"} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z`}},
		{"what lookup-events prints", `{"Events":[{"EventId":"1","CloudTrailEvent":"{}"}]}`, nil,
			[]string{`{"Events":[{"EventId":"1","CloudTrailEvent":"{}"}]} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z; ` +
				`it is what 'aws cloudtrail lookup-events' prints: ingest what jq -r '.Events[].CloudTrailEvent' makes of it`}},
		{"its texts between tabs", r1 + "\t" + r2 + "\n" + r3, []string{r1, r2, r3}, nil},
		{"an event of EventBridge", `{"detail-type":"AWS API Call via CloudTrail","detail":` + r1 + `}`, nil,
			[]string{`{"detail-type":"AWS API Call via CloudTrail","detail":` + r1 + `} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z; ` +
				`it is an event of EventBridge: ingest what jq -c .detail makes of it`}},
		{"a message of CloudWatch Logs", `{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{}"}]}`, nil,
			[]string{`{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{}"}]} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z; ` +
				`it comes from CloudWatch Logs: ingest what jq -r '.logEvents[].message' makes of it`}},
		{"eventTime of another type", `[{"eventTime":5},` + r1 + `]`, []string{r1}, []string{`{"eventTime":5} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z`}},
		{"bad record in the second list", `{"Records":[` + r1 + `],"Records":[{"a":tru},` + r2 + `,{"eventID":"1"},5,` + r3 + `],"x":1}` + r1, []string{r1, r2, r3, r1},
			[]string{`{"a":tru} # want a value, got 't'`, `{"eventID":"1"} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z`, "5 # a record must be a JSON object"}},
		{"cut record in the second list", `{"Records":[` + r1 + `],"Records":[{"eventVersion":"1","x":{,` + r2 + `]}` + r3, []string{r1, r2, r3}, []string{`{"eventVersion":"1","x":{, # want a key, got ','`}},
		{"second list cut off", `{"Records":[` + r1 + `],"Records":[` + r2, []string{r1, r2}, []string{" # the file ends before its list of records does"}},
		{"key of a second list cut off", `{"Records":[` + r1 + `],"Recor`, []string{r1}, []string{`,"Recor # unexpected text behind the list of records`}},
		{"neither list nor object before a list", `{"Records":"x","Records":[` + r1 + `]}` + r2, []string{r1, r2}, []string{`"x" # a record must be a JSON object`}},
		{"neither list nor object behind a list", `{"Records":[` + r1 + `],"Records":5,"Records":[` + r2 + `]}` + r3, []string{r1, r2, r3}, []string{"5 # a record must be a JSON object"}},
		{"no value behind a list", `{"Records":[` + r1 + `],"Records":]}` + "\n" + r2, []string{r1, r2}, []string{`,"Records":]}` + "\n # unexpected text behind the list of records"}},
		// A record may have a key Records too, and is no document then.
		{"record that begins with a key Records", `[{"Records":null,"x":1,` + r1[1:] + `,` + r2 + `]` + r3, []string{r2, r3}, []string{`,` + r1[1:] + `, # unexpected text behind the list of records`}},
		{"line that begins with a list Records", `{"Records":[{"a":1}],` + r1[1:] + "\n" + r2, []string{r2},
			[]string{`{"a":1} # no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z`, `,` + r1[1:] + "\n # unexpected text behind the list of records"}},
		{"not UTF-8", `[{"eventTime":"2023-07-10T12:32:49Z","eventName":"` + "\xff" + `"},` + r1 + `]`, []string{r1}, []string{`{"eventTime":"2023-07-10T12:32:49Z","eventName":"` + "\xff" + `"} # the text is not UTF-8`}},
		{"wrong value", `[{"eventVersion":oops},` + r1 + `]`, []string{r1}, []string{`{"eventVersion":oops} # want a value, got 'o'`}},
		{"control character", "[{\"a\":\"\n\"}," + r1 + `]`, []string{r1}, []string{"{\"a\":\"\n\"} # control character 0x0a inside a string"}},
		{"missing brace", `{"Records":[{"eventVersion":"1","userIdentity":{"type":"Root"},` + r1 + `,` + r2 + `]}`, []string{r1, r2}, []string{`{"eventVersion":"1","userIdentity":{"type":"Root"}, # want a key, got '{'`}},
		{"missing quote", `{"Records":[` + r1 + `,{"eventVersion":"1","eventName":"x},` + r2 + `]}`, []string{r1, r2}, []string{`{"eventVersion":"1","eventName":"x}, # want ',' or '}', got 'e'`}},
		{"bad line", r1 + "\nnot json\n" + r2, []string{r1, r2}, []string{"not json\n # not JSON"}},
		{"truncated", `{"Records":[` + r1 + `,{"eventVersion":"1.08","eventTi`, []string{r1}, []string{`{"eventVersion":"1.08","eventTi # text ends inside a record`}},
		{"truncated between records", `{"Records":[` + r1 + `,`, []string{r1}, []string{" # the file ends before its list of records does"}},
		{"truncated at the end", `{"Records":[` + r1 + `]`, []string{r1}, []string{" # the file ends before its list of records does"}},
		{"another key first", `{"x":{"a":1},"Records":[` + r1 + `],"y":2}` + "\n" + r2, []string{r1, r2}, nil},
		{"broken document on a line of its own", `{"Records":[{]}` + "\n" + `{"Records":[` + r1 + `]}` + "\n" + `{"Records":[` + r2 + `]}`,
			[]string{r1, r2}, []string{"{]}\n # want a key, got ']'"}},
		{"cut document before a whole one", `{"Records":[` + r1 + `,{"eventVer` + "\n" + `{"Records":[` + r2 + `,` + r3 + `]}`,
			[]string{r1, r2, r3}, []string{`{"eventVer` + "\n # control character 0x0a inside a string"}},
		{"garbage before the document", `garbage {"Records":[` + r1 + `,` + r2 + `]}`, []string{r1, r2}, []string{"garbage  # not JSON"}},
		{"garbage before a list", `garbage [` + r1 + `,` + r2 + `]` + "\n" + r3, []string{r1, r2, r3}, []string{"garbage [ # not JSON"}},
		{"garbage inside the list", `{"Records":[` + r1 + ` x,` + r2 + `]}`, []string{r1, r2}, []string{"x, # want a value, got 'x'"}},
		{"first record of the list broken", `{"Records":[{"a":tru},` + r1 + `]}`, []string{r1}, []string{`{"a":tru} # want a value, got 't'`}},
		{"lines without a version", `{"eventTime":"2023-07-10T12:32:01Z","x":}` + "\nnoise\n" + `{"eventTime":"2023-07-10T12:32:02Z"}`,
			[]string{`{"eventTime":"2023-07-10T12:32:02Z"}`}, []string{`{"eventTime":"2023-07-10T12:32:01Z","x":}` + "\nnoise\n # want a value, got '}'"}},
		{"broken object in place of the list, and lines", `{"Records":{"a":"x}}` + "\n" + r1 + "\n" + r2, []string{r1, r2}, []string{`{"a":"x}}` + "\n # control character 0x0a inside a string"}},
		{"cut record with another key first", `{"Records":[` + s1 + `,{"awsRegion":"x","eventT,` + s2 + `,` + s3 + `]}` + r1, []string{s1, s2, s3, r1}, []string{`{"awsRegion":"x","eventT, # want ':' after key "eventT,{", got 'a'`}},
		{"first record cut, another key first", `{"Records":[{"awsRegion":"x","requestParameters":{"a":[{"b":1}],` + s2 + `,` + s3 + `]}` + "\n" + r1, []string{s2, s3, r1},
			[]string{`{"awsRegion":"x","requestParameters":{"a":[{"b":1}], # want a key, got '{'`}},
		{"missing quote, another key first", `[` + s1 + `,{"awsRegion":"x,"eventName":"y","resources":[{"ARN":"z"},{"ARN":"z"}]},` + s2 + `,` + s3 + `]` + r1, []string{s1, s2, s3, r1},
			[]string{`{"awsRegion":"x,"eventName":"y","resources":[{"ARN":"z"},{"ARN":"z"}]}, # want ',' or '}', got 'e'`}},
		{"pretty, cut, another key first", "[\n  " + sortedPretty + ",\n  {\n    \"awsRegion\": \"x\",\n  " + sortedPretty + ",\n  " + sortedPretty + "\n]\n", []string{sortedPretty, sortedPretty, sortedPretty},
			[]string{"{\n    \"awsRegion\": \"x\",\n   # want a key, got '{'"}},
		{"no records inside a broken one", `[{"awsRegion":"x,"responseElements":{"failed":[{"errorCode":"1","eventTime":"x"},{"errorCode":"2","errorMessage":"m","requestID":"3"}]},` + s1 + `]`, []string{s1},
			[]string{`{"awsRegion":"x,"responseElements":{"failed":[{"errorCode":"1","eventTime":"x"},{"errorCode":"2","errorMessage":"m","requestID":"3"}]}, # want ',' or '}', got 'r'`}},
		{"garbage before a list of records with another key first", `garbage [` + s1 + `,` + s2 + "]\n" + s3, []string{s1, s2, s3}, []string{"garbage [ # not JSON"}},
		{"nested record is not a record", `[{"eventVersion":"1.08","x":[{"a":1},{"eventVersion":"9"}],"eventTime":"2023-07-10T12:32:49Z","y":z}]`, nil,
			[]string{`{"eventVersion":"1.08","x":[{"a":1},{"eventVersion":"9"}],"eventTime":"2023-07-10T12:32:49Z","y":z} # want a value, got 'z'`}},
	} {
		for _, reader := range []struct {
			name string
			of   *Decoder
		}{
			{"whole", NewDecoder(strings.NewReader(c.in), Limits{})}, {"byte by byte", NewDecoder(iotest.OneByteReader(strings.NewReader(c.in)), Limits{})},
			{"in memory", inMemory(c.in, Limits{})},
		} {
			t.Run(c.name+"/"+reader.name, func(t *testing.T) {
				good, bad := decode(t, reader.of)
				if fmt.Sprintf("%q", good) != fmt.Sprintf("%q", c.want) {
					t.Errorf("records\n got %q\nwant %q", good, c.want)
				}
				if fmt.Sprintf("%q", bad) != fmt.Sprintf("%q", c.bad) {
					t.Errorf("rejected\n got %q\nwant %q", bad, c.bad)
				}
			})
		}
	}
}

func TestDecodeLimits(t *testing.T) {
	r1 := rec(1)
	deep := `{"eventVersion":"1","x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}`
	good, bad := decode(t, inMemory("["+deep+","+r1+"]", Limits{MaxDepth: 20}))
	if len(good) != 1 || len(bad) != 1 || !strings.Contains(bad[0], "nested more than 20 deep") {
		t.Errorf("deep: %q %q", good, bad)
	}
	for _, long := range []string{
		`{"eventVersion":"1","x":"` + strings.Repeat("y", 3<<20) + `"}`,
		`{"eventVersion":"1","x":"` + strings.Repeat("y", 3<<20),
	} {
		text, l := "["+long+","+r1+"]", Limits{MaxRecord: 1 << 20}
		for _, d := range []*Decoder{NewDecoder(strings.NewReader(text), l), inMemory(text, l)} {
			good, bad = decode(t, d)
			if len(bad) == 0 || !strings.Contains(bad[0], "larger than 1048576 bytes") {
				t.Errorf("long: %d records, rejected %.80q", len(good), bad)
			}
			if strings.HasSuffix(long, "}") && len(good) != 1 {
				t.Errorf("long: the record behind it is lost")
			}
		}
	}
}

// Wherever a record of a list is cut off, those behind it are read: the texts of the list
// are all that is in quarantine.
func TestDecodeCutRecord(t *testing.T) {
	for name, record := range map[string]func(int) string{"delivered": rec, "sorted": sorted} {
		whole := record(2)
		for n := 1; n < len(whole); n++ {
			text := `{"Records":[` + record(1) + `,` + whole[:n] + `,` + record(3) + `,` + record(4) + `,` + record(5) + "]}\n" + record(6)
			want := []string{record(1), record(3), record(4), record(5), record(6)}
			for _, d := range []*Decoder{NewDecoder(iotest.OneByteReader(strings.NewReader(text)), Limits{}), inMemory(text, Limits{})} {
				if good, bad := decode(t, d); !slices.Equal(good, want) || len(bad) != 1 || !strings.HasPrefix(bad[0], whole[:n]+", #") {
					t.Errorf("%s, cut at %d: %q, rejected %q", name, n, good, bad)
				}
			}
		}
	}
}

// A text made to be read again and again takes no longer than others of its length.
func TestDecodeHostileTime(t *testing.T) {
	const size = 16 << 20
	head := `{"eventVersion" x "`
	for name, text := range map[string]string{
		"open list":         `[{"eventVersion":[` + strings.Repeat("1,", size/2),
		"open strings":      "[" + strings.Repeat(head+strings.Repeat("y", size/190), 190),
		"many starts":       "[" + strings.Repeat(`{"eventVersion":`, size/16),
		"looked at":         "[x," + strings.Repeat(`{"a":[`, size/6),
		"looked at far":     "[x," + strings.Repeat(`[{"a":[`+strings.Repeat(`{"a":1},`, 8000)+"1]},", size/64000),
		"looked at in vain": "[x," + strings.Repeat(`{"eventTime":"`+strings.Repeat("x", 500)+`","eventName":[`, size/530),
		"like records":      "[" + strings.Repeat(`{"awsRegion":1,"eventTime":2,"eventName":[`, size/43),
		"like records, cut": "[" + strings.Repeat(`{"awsRegion":1,"eventTime":2,"eventName":"x,`, size/45),
		"brackets":          strings.Repeat("[", size),
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, d := range []*Decoder{NewDecoder(&chunks{text: text, size: 32 << 10}, Limits{}), inMemory(text, Limits{})} {
				var r Record
				for d.Next(&r) != io.EOF {
				}
			}
		}()
		select {
		case <-done:
		case <-time.After(time.Minute): // a fraction of a second, when it is linear
			t.Fatalf("%s: still decoding", name)
		}
	}
}

// chunks is a reader that gives a little at a time, as gzip does.
type chunks struct {
	text string
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.size)], c.text)
	c.text = c.text[n:]
	return n, nil
}

// A decoder that had a text of others in memory leaves it alone once it is reset.
func TestResetText(t *testing.T) {
	d := NewDecoder(nil, Limits{})
	lent := make([]byte, 0, 1<<20)
	for i := range 3 {
		lent = append(lent[:0], "["+rec(i)+","+rec(i+1)+"]"...)
		d.ResetText(lent)
		if good, bad := decode(t, d); len(good) != 2 || good[1] != rec(i+1) || bad != nil {
			t.Errorf("in memory: %q, rejected %q", good, bad)
		}
		kept := string(lent)
		d.Reset(strings.NewReader(strings.Repeat(rec(7)+"\n", 5000)))
		if good, bad := decode(t, d); len(good) != 5000 || good[4999] != rec(7) || bad != nil || string(lent) != kept {
			t.Errorf("read: %d, rejected %q; what was lent is %q", len(good), bad, lent)
		}
	}
}

// What is rejected keeps its bytes.
func TestLongReject(t *testing.T) {
	long := `{"eventVersion":"1","x":oops "` + strings.Repeat("y", 3<<20)
	good, bad := decode(t, NewDecoder(strings.NewReader("["+long+"},"+rec(1)+"]"), Limits{}))
	if len(good) != 1 || len(bad) != 1 || !strings.HasPrefix(bad[0], long+"},") {
		t.Errorf("%d records, %d rejects, the first of %d bytes", len(good), len(bad), len(bad[0]))
	}
}

func TestReadErrorComesLast(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader(`{"Records":[`+rec(1)+`,{"eventVersion":`), iotest.ErrReader(broken))
	d := NewDecoder(in, Limits{})
	var r Record
	if err := d.Next(&r); err != nil {
		t.Fatal(err)
	}
	var re *RecordError
	if err := d.Next(&r); !errors.As(err, &re) || string(re.Raw) != `{"eventVersion":` || !errors.Is(err, broken) {
		t.Errorf("got %v, want the rest of the text", err)
	}
	if err := d.Next(&r); !errors.Is(err, broken) {
		t.Errorf("got %v, want the read error", err)
	}
}

// corpusFiles returns the log files below the given folders that are there.
func corpusFiles(t testing.TB, folders ...string) []string {
	var files []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && (strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".json.gz")) {
				files = append(files, path)
			}
			return err
		})
		if errors.Is(err, fs.ErrNotExist) {
			t.Logf("no corpus at %s", folder)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func readFile(t testing.TB, path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Every record comes out as encoding/json cuts it out of the file, and the values
// of a canonical one give it back.
func TestDecodeCorpus(t *testing.T) {
	records, canonical := 0, 0
	for _, path := range corpusFiles(t, "testdata", "../../shared/corpus") {
		text := readFile(t, path)
		var doc struct{ Records []json.RawMessage }
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		good, bad := decode(t, NewDecoder(bytes.NewReader(text), Limits{}))
		if len(bad) > 0 {
			t.Errorf("%s: rejected %q", path, bad)
		}
		if len(good) != len(doc.Records) {
			t.Fatalf("%s: %d records, want %d", path, len(good), len(doc.Records))
		}
		d := NewDecoder(bytes.NewReader(text), Limits{})
		var r Record
		for i, want := range doc.Records {
			if good[i] != string(want) {
				t.Fatalf("%s: record %d differs\n got %s\nwant %s", path, i, good[i], want)
			}
			if err := d.Next(&r); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(path, "attack-simulation") {
				records++
				if r.Canonical() {
					canonical++
				}
			}
		}
	}
	if canonical < records*99/100 {
		t.Errorf("only %d of %d delivered records are canonical", canonical, records)
	}
	t.Logf("%d of %d delivered records are canonical", canonical, records)
}
