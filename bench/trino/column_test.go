package trino

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"traillake/engine/encode"
)

// columnsOfAllTypes are columns as Trino describes them, and a row of them.
const columnsOfAllTypes = `{"columns":[
{"name":"b","typeSignature":{"rawType":"boolean","arguments":[]}},
{"name":"i","typeSignature":{"rawType":"integer","arguments":[]}},
{"name":"n","typeSignature":{"rawType":"bigint","arguments":[]}},
{"name":"f","typeSignature":{"rawType":"double","arguments":[]}},
{"name":"p","typeSignature":{"rawType":"decimal","arguments":[{"kind":"LONG","value":38},{"kind":"LONG","value":2}]}},
{"name":"s","typeSignature":{"rawType":"varchar","arguments":[{"kind":"LONG","value":2147483647}]}},
{"name":"d","typeSignature":{"rawType":"date","arguments":[]}},
{"name":"t","typeSignature":{"rawType":"timestamp","arguments":[{"kind":"LONG","value":6}]}},
{"name":"a","typeSignature":{"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"double","arguments":[]}}]}},
{"name":"m","typeSignature":{"rawType":"map","arguments":[{"kind":"TYPE","value":{"rawType":"bigint","arguments":[]}},{"kind":"TYPE","value":{"rawType":"varchar","arguments":[]}}]}},
{"name":"r","typeSignature":{"rawType":"row","arguments":[{"kind":"NAMED_TYPE","value":{"fieldName":{"name":"x"},"typeSignature":{"rawType":"integer","arguments":[]}}},{"kind":"NAMED_TYPE","value":{"typeSignature":{"rawType":"date","arguments":[]}}}]}}
],"data":[
[true,-7,9007199254740993,"NaN","12345678901234567890.12","ü","2026-02-03","2026-02-03 04:05:06.007000",[1.5,null],{"3":"c","1":"a"},[4,"1969-12-31"]],
[null,null,null,null,null,null,null,null,null,null,null]]}`

func record(text string) (string, error) {
	var p page
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&p); err != nil {
		return "", err
	}
	batch, err := Record(p.Columns, p.Data)
	if err != nil {
		return "", err
	}
	defer batch.Release()
	var out bytes.Buffer
	e, err := encode.New(encode.JSONL, &out, batch.Schema(), encode.Options{})
	if err != nil {
		return "", err
	}
	if err := e.Write(batch); err != nil {
		return "", err
	}
	return out.String(), e.Close()
}

func TestRecord(t *testing.T) {
	got, err := record(columnsOfAllTypes)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"b":true,"i":-7,"n":9007199254740993,"f":"NaN","p":12345678901234567890.12,"s":"ü","d":"2026-02-03","t":"2026-02-03T04:05:06.007Z","a":[1.5,null],"m":{"1":"a","3":"c"},"r":{"x":4,"":"1969-12-31"}}
{"b":null,"i":null,"n":null,"f":null,"p":null,"s":null,"d":null,"t":null,"a":null,"m":null,"r":null}
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestRecordRefuses: types that are not compared, and values that are not of their type,
// are errors.
func TestRecordRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"columns":[{"name":"c","typeSignature":{"rawType":"HyperLogLog","arguments":[]}}],"data":[["x"]]}`:                                                        "column c: columns of Trino's type HyperLogLog are not compared",
		`{"columns":[{"name":"c","typeSignature":{"rawType":"array","arguments":[{"kind":"TYPE","value":{"rawType":"json","arguments":[]}}]}}]}`:                    "column c: columns of Trino's type json are not compared",
		`{"columns":[{"name":"c","typeSignature":{"rawType":"f","arguments":[{"kind":"VARIABLE","value":"x"}]}}]}`:                                                  `a type's argument of the kind "VARIABLE"`,
		`{"columns":[{"name":"c","typeSignature":{"rawType":"bigint","arguments":[]}}],"data":[[true]]}`:                                                            "column c: value true: bool is no int64",
		`{"columns":[{"name":"c","typeSignature":{"rawType":"bigint","arguments":[]}}],"data":[["x"]]}`:                                                             `parsing "x"`,
		`{"columns":[{"name":"c","typeSignature":{"rawType":"timestamp","arguments":[{"kind":"LONG","value":9}]}}],"data":[["2026-02-03 04:05:06 Europe/Berlin"]]}`: "column c: value 2026-02-03 04:05:06 Europe/Berlin: ",
		`{"columns":[{"name":"c","typeSignature":{"rawType":"boolean","arguments":[]}}],"data":[["x"]]}`:                                                            "a text is no bool",
	} {
		if got, err := record(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  gives %s, %v\n  want %s", text, got, err, want)
		}
	}
}
