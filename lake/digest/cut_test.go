package digest

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// sameAsJSON wants of a text that cut reads what encoding/json makes of it. It returns whether
// cut does.
func sameAsJSON(t *testing.T, text string) bool {
	t.Helper()
	j, ok := cut([]byte(text))
	if !ok {
		return false
	}
	got, gotErr := j.file()
	want, wantErr := parse([]byte(text))
	if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %+v, %v\nwant %+v, %v", text, got, gotErr, want, wantErr)
	}
	return true
}

// TestCutMetadata does the same with the metadata of digests.
func TestCutMetadata(t *testing.T) {
	usual := string(EncodeSidecar("00ff"))
	for _, c := range []struct {
		text string
		fast bool
	}{
		{usual, true},
		{usual[:len(usual)-2], false},
		{usual + "}", false},
		{`{}`, true},
		{`{"Metadata":{}}`, true},
		{`{"Metadata":null}`, false},
		{`{"metadata":{"signature":"a"}}`, false},
		{`{"Metadata":{"Signature":"a"}}`, false},
		{`{"Metadata":{"signature":"a","signature":"b"}}`, false},
		{`{"Metadata":{"signature":null}}`, false},
		{`{"Metadata":{"signature":"a"},"Metadata":{"signature-algorithm":"b"}}`, false},
		{`{"ContentLength":5,"Metadata":{"signature":"a"}}`, false},
		{`{"Metadata":{"signature":"a","backfill-generation-timestamp":"b"}}`, true},
		{`{"Metadata":{"signature":5}}`, false},
		{`{"Metadata":"signature"}`, false},
		{``, false},
	} {
		if fast := sameMetadata(t, c.text); fast != c.fast {
			t.Errorf("%s: read by hand %v, want %v", c.text, fast, c.fast)
		}
	}
}

// sameMetadata is sameAsJSON for a sidecar.
func sameMetadata(t *testing.T, text string) bool {
	t.Helper()
	got, ok := cutMetadata([]byte(text))
	if !ok {
		return false
	}
	if want, err := parseSidecar([]byte(text)); err != nil || !maps.Equal(got, want) {
		t.Errorf("%s\n got %v\nwant %v, %v", text, got, want, err)
	}
	return true
}

// TestCut changes a digest in every way that a reader by hand could take for another than it is.
func TestCut(t *testing.T) {
	digests, _ := chain(t, 2)
	first, text := string(digests[0].text), string(digests[1].text)
	for _, c := range []struct {
		from, to string
		fast     bool
	}{
		{"", "", true},
		{`,"`, ` , "`, true},
		{`":`, `" : `, true},
		{`]}`, ` ] } `, true},
		{`"logFiles":[`, `"logFiles":[ `, true},
		{`"previousDigestSignature":"`, `"previousDigestSignature":null,"digestSignatureAlgorithm":"`, false}, // twice
		{`"awsAccountId":"111111111111",`, ``, true},
		{`"awsAccountId":"111111111111"`, `"awsAccountId":null`, true},
		{`"awsAccountId":"111111111111"`, `"awsAccountId":111111111111`, false},
		{`"awsAccountId":"111111111111"`, `"awsAccountId":nullx`, false},
		{`"awsAccountId":"111111111111"`, `"awsAccountId":{}`, false},
		{`"awsAccountId":"1`, `"AWSaccountId":"1`, false},
		{`"awsAccountId":"1`, `"other":"x","awsAccountId":"1`, false},
		{`"awsAccountId":"1`, `"awsAccountId":"2","awsAccountId":"1`, false},
		{`"awsAccountId":"1`, `"awsAccountId":"\u0031`, false},
		{`"awsAccountId":"1`, "\"awsAccountId\":\"\t", false},
		{`"awsAccountId":"1`, "\"awsAccountId\":\"\x7f", true},
		{`"awsAccountId":"1`, "\"awsAccountId\":\"\xff", false},
		{`"awsAccountId":"1`, `"awsAccountId":"é`, false},
		{`"digestPublicKey`, "\"digestPublic\u212aey", false},         // the Kelvin sign, which is a k to encoding/json
		{`"digestStartTime"`, `"previousDigestHashAlgorithm"`, false}, // twice
		{`"digestEndTime":"2026`, `"digestEndTime":"x`, true},
		{`"digestS3Bucket":"bucket",`, ``, true},
		{`"digestS3Object":"logs`, `"digestS3Object":"`, true},
		{`"digestPublicKeyFingerprint"`, `"digestPublicKeyFingerprint" `, true},
		{`"previousDigestS3Bucket":"bucket"`, `"previousDigestS3Bucket":null`, true},
		{`"previousDigestHashValue":"`, `"previousDigestHashValue":null,"x":"`, false},
		{`"logFiles":[`, `"logFiles":[null,`, false},
		{`"logFiles":[`, `"logFiles":[{},`, true},
		{`"logFiles":[`, `"logFiles":[[],`, false},
		{`"logFiles":[`, `"logFiles":[],"logFiles":[`, false},
		{`"logFiles":[`, `"logFiles":[{"s3Bucket":"b","s3Object":"o","hashValue":"h"},`, true},
		{`"logFiles":[`, `"logFiles":[{"s3Bucket":"b","s3Object":"","hashValue":"h"},`, true},
		{`"logFiles":[`, `"logFiles":[{"s3Bucket":"b","s3Object":null,"hashValue":"h"},`, true},
		{`"logFiles":[`, `"logFiles":[{"s3Bucket":"b","s3Object":"a","s3Object":"b","hashValue":"h"},`, false},
		{`"logFiles":[`, `"logFiles":[{"S3Bucket":"b","s3Object":"a","hashValue":"h"},`, false},
		{`"logFiles":[`, `"logFiles":[{"s3Bucket":"b","s3Object":"a","hashValue":7},`, false},
		{`"logFiles":[`, `"logFiles":null,"x":[`, false},
		{`}]}`, `}]`, false},
		{`}]}`, `},]}`, false},
		{`}]}`, `}],}`, false},
		{`}]}`, `}]}}`, false},
		{`}]}`, `}]}null`, false},
		{`}]}`, ``, false},
		{`}]}`, `"`, false},
		{`{"aws`, `[{"aws`, false},
		{`{"aws`, `{ "aws`, true},
		{`{"aws`, "{\r\n\t\"aws", true},
		{`{"aws`, "{\x00\"aws", false},
		{`{"aws`, "{\x0b\"aws", false},
		{`}]}`, "}]}\x00", false},
		{`}]}`, "}]}\n", true},
		{text, `{}`, true},
		{text, ``, false},
		{text, `null`, false},
		{text, first, true},
	} {
		changed := strings.Replace(text, c.from, c.to, 1)
		if c.from != "" && changed == text {
			t.Fatalf("%s is not in %s", c.from, text)
		}
		if fast := sameAsJSON(t, changed); fast != c.fast {
			t.Errorf("%q for %q: read by hand %v, want %v", c.to, c.from, fast, c.fast)
		}
	}
}

func FuzzCut(f *testing.F) {
	digests, _ := chain(f, 2)
	for _, d := range digests {
		f.Add(string(d.text))
	}
	f.Add(`{"logFiles":[ {} , {"hashValue":null}],"previousDigestSignature":null}`)
	f.Add(string(EncodeSidecar("00ff")))
	f.Fuzz(func(t *testing.T, text string) {
		sameAsJSON(t, text)
		sameMetadata(t, text)
	})
}
