package scalar

import (
	"slices"
	"strings"
	"testing"

	"traillake/engine/dialect/jsonpath"
)

// plainParser is parser with a text for each value.
type plainParser struct{ parser }

func (p *plainParser) value(b []byte, depth int) ([]byte, bool) {
	p.i = space(p.s, p.i)
	if p.i >= len(p.s) || depth > maxDepth {
		return nil, false
	}
	switch p.s[p.i] {
	case '{':
		return p.object(b, depth)
	case '[':
		p.i++
		b = append(b, '[')
		if p.next(']') {
			return append(b, ']'), true
		}
		for {
			var ok bool
			if b, ok = p.value(b, depth+1); !ok {
				return nil, false
			}
			if p.next(']') {
				return append(b, ']'), true
			}
			if !p.next(',') {
				return nil, false
			}
			b = append(b, ',')
		}
	case '"':
		s, ok := p.oddStr()
		return jsonpath.AppendString(b, s), ok
	}
	return p.parser.value(b, depth)
}

func (p *plainParser) object(b []byte, depth int) ([]byte, bool) {
	p.i++
	var all []entry
	if !p.next('}') {
		for {
			if p.i = space(p.s, p.i); p.i >= len(p.s) || p.s[p.i] != '"' {
				return nil, false
			}
			key, ok := p.oddStr()
			if !ok || !p.next(':') {
				return nil, false
			}
			v, ok := p.value(nil, depth+1)
			if !ok {
				return nil, false
			}
			all = append(all, entry{key, string(v)})
			if p.next('}') {
				break
			}
			if !p.next(',') {
				return nil, false
			}
		}
	}
	if !p.asIs {
		slices.Reverse(all) // the last of a key counts
		slices.SortStableFunc(all, func(a, b entry) int { return strings.Compare(a.key, b.key) })
		all = slices.CompactFunc(all, func(a, b entry) bool { return a.key == b.key })
	}
	b = append(b, '{')
	for i, e := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsonpath.AppendString(b, e.key), ':')
		b = append(b, e.value...)
	}
	return append(b, '}'), true
}

// FuzzCanonical compares the parser with a plain one.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":{"d":[{"z":1,"y":2.50,"z":3}],"c":"\u00e9é\n"},"b":null}`, `{"a":1,}`, `{"a":1 "b":2}`, `{,}`, `{"a"}`, `{"a":}`, `{ } `, `[1 , 2]`,
		`{"a":"\x"}`, "{\"a\":\"\x01\"}", "\"\xff\"", `{"\u0061":1,"a":2}`, `{"a":{"b":1`, `"a\"`, `tru`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, asIs := range []bool{false, true} {
			p, plain := parser{s: text, asIs: asIs}, plainParser{parser{s: text, asIs: asIs}}
			got, ok := p.value(nil, 0)
			want, wantOK := plain.value(nil, 0)
			if ok != wantOK || ok && (string(got) != string(want) || p.i != plain.i) {
				t.Fatalf("%q is %q up to %d (%v), want %q up to %d (%v)", text, got, p.i, ok, want, plain.i, wantOK)
			}
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	const doc = `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:session","arn":"arn:aws:sts::111122223333:assumed-role/app/session","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/app","accountId":"111122223333","userName":"app"},"attributes":{"creationDate":"2023-07-10T11:54:39Z","mfaAuthenticated":"false"}}},"eventTime":"2023-07-10T12:01:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2.13.0","requestParameters":{"bucketName":"logs","key":"a/b/c.json"},"responseElements":null,"additionalEventData":{"bytesTransferredIn":0,"x-amz-id-2":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa="},"requestID":"6F2A1C3E00004000","eventID":"0f2a1c3e-0000-4000-8000-000000000001","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a/b/c.json"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}`
	for name, f := range map[string]func() bool{
		"own":   func() bool { _, err := Canonical(doc); return err == nil },
		"plain": func() bool { p := plainParser{parser{s: doc}}; _, ok := p.value(nil, 0); return ok },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if !f() {
					b.Fatal("the document is refused")
				}
			}
		})
	}
}
