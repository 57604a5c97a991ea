package jsonpath

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse compares what is read with what encoding/json reads.
func FuzzParse(f *testing.F) {
	for _, s := range []string{` {"a":[1,-2.50e+3,"x\u00e9\ud83d\ude00\ud800",null,true],"b":{},"a":false} `, `[0,01]`, `[1,]`, `{"a":1,}`, `{"a" 1}`, `{1:2}`, `[1}`, `1 2`,
		`"a`, `"\`, `"\x"`, "\"\x01\"", "\"\xff\"", `tru`, `truex`, `-`, `1.`, `1e`, `1e+`, `.5`, `+1`, ``, ` `, `[`, `{`, `[[],{}]`, "\ufeff1", `{"a":1e10000}`,
		"{" + strings.Repeat(`"k":1,"l":2,`, 50) + `"k":3}`, `"\u12"`, `"a" "b"`, `nul`} {
		f.Add(s)
	}
	var keys strings.Builder
	for i := range 100 {
		keys.WriteString(`"` + strings.Repeat("k", i%70) + `":` + strings.Repeat("1", 1+i/10) + `,`)
	}
	f.Add("{" + keys.String() + `"":0}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		want, plain := plainParse(text)
		if (err != nil) != (plain != nil) {
			t.Fatalf("%q: %v, by encoding/json %v", text, err, plain)
		}
		if err == nil && !reflect.DeepEqual(normal(got), normal(want)) {
			t.Fatalf("%q is %#v, by encoding/json %#v", text, got, want)
		}
	})
}

// FuzzFind compares paths over members alone, which read no more of a document than they
// need, with their evaluation over the whole.
func FuzzFind(f *testing.F) {
	for _, doc := range []string{`{"a":{"b":{"c":1}}}`, `{"a":[{"b":1},{"b":[2]}]}`, `{"a":{"b":[{"c":1}]}}`, `{"a":{"b":1},"a":{"b":2}}`, `{"a":{"b":{}},"a":1}`, `{"a":1,"a":{"b":1}}`,
		`{"b":"\u0061","a":{"x":[1,2,{"a":null}],"b":null}} `, `{"a":{"b":1}`, `{"a":{"b":1}}x`, `[{"a":{"b":1}}]`, `1`, `{"\u0061":{"b":"\x"}}`, `{"x":1e99999,"a":1}`, `{"x":"\x01","a":1}`} {
		f.Add(doc, "a", "b")
	}
	f.Fuzz(func(t *testing.T, doc, one, two string) {
		for _, text := range []string{"lax $." + quoted(one), "lax $." + quoted(one) + "." + quoted(two)} {
			p, err := Compile(text)
			if err != nil {
				continue
			}
			got, notJSON, err := p.Find(doc, nil)
			context, parsed := Parse(doc)
			if (parsed != nil) != (notJSON != nil) {
				t.Fatalf("%s in %q: %v, read as a whole %v", text, doc, notJSON, parsed)
			}
			if parsed != nil {
				continue
			}
			want, whole := p.Eval(context, nil)
			if (err != nil) != (whole != nil) || len(got) != len(want) {
				t.Fatalf("%s finds %v in %q (%v), as a whole %v (%v)", text, got, doc, err, want, whole)
			}
			for i := range got {
				if !reflect.DeepEqual(normal(got[i]), normal(want[i])) {
					t.Fatalf("%s finds %v in %q, as a whole %v", text, got, doc, want)
				}
			}
		}
	})
}

func quoted(s string) string { return string(AppendString(nil, s)) }

// normal has nil for lists that are empty.
func normal(v Value) Value {
	if len(v.Keys) == 0 {
		v.Keys = nil
	}
	if len(v.List) == 0 {
		v.List = nil
	}
	for i := range v.List {
		v.List[i] = normal(v.List[i])
	}
	return v
}

func BenchmarkParse(b *testing.B) {
	const doc = `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:session","arn":"arn:aws:sts::111122223333:assumed-role/app/session","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/app","accountId":"111122223333","userName":"app"},"webIdFederationData":{},"attributes":{"creationDate":"2023-07-10T11:54:39Z","mfaAuthenticated":"false"}}},"eventTime":"2023-07-10T12:01:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.13.0","requestParameters":{"bucketName":"logs","key":"a/b/c.json","Host":"logs.s3.amazonaws.com"},"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=","bytesTransferredOut":12345},"requestID":"6F2A1C3E00004000","eventID":"0f2a1c3e-0000-4000-8000-000000000001","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a/b/c.json"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"logs.s3.amazonaws.com"}}`
	path, err := Compile("lax $.tlsDetails.tlsVersion")
	if err != nil {
		b.Fatal(err)
	}
	member := func(text string) (Value, error) {
		_, notJSON, err := path.Find(text, nil)
		return Value{}, errors.Join(notJSON, err)
	}
	for name, parse := range map[string]func(string) (Value, error){"own": Parse, "member": member, "encoding/json": plainParse} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// plainParse is Parse by the tokens of encoding/json.
func plainParse(text string) (Value, error) {
	if strings.Trim(text, " \t\r\n") == "" {
		return Value{}, nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := plainRead(d, 0)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the text ends too early")
		}
		return Value{}, err
	}
	if !ends(text, int(d.InputOffset())) {
		return Value{}, errors.New("the value goes on")
	}
	return v, nil
}

func plainRead(d *json.Decoder, depth int) (Value, error) {
	t, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := t.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return Value{Kind: Bool, Bool: t}, nil
	case string:
		return Value{Kind: String, Str: t}, nil
	case json.Number:
		return Value{Kind: Number, Num: parseNum(t.String())}, nil
	}
	if depth >= maxDepth {
		return Value{}, errors.New("the value is nested too deeply")
	}
	v := Value{Kind: Array}
	object := t == json.Delim('{')
	var at map[string]int // of the keys of large objects
	if object {
		v.Kind = Object
	}
	for d.More() {
		key := ""
		if object {
			k, err := d.Token()
			if err != nil {
				return Value{}, err
			}
			key = k.(string)
		}
		e, err := plainRead(d, depth+1)
		if err != nil {
			return Value{}, err
		}
		if !object {
			v.List = append(v.List, e)
			continue
		}
		if at == nil {
			at = map[string]int{}
		}
		if i, ok := at[key]; ok {
			v.List[i] = e
			continue
		}
		at[key] = len(v.Keys)
		v.Keys, v.List = append(v.Keys, key), append(v.List, e)
	}
	_, err = d.Token()
	return v, err
}
