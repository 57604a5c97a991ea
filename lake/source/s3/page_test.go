package s3

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// xmlPage is a page by encoding/xml, in the form that S3's documentation of ListObjectsV2
// describes.
type xmlPage struct {
	XMLName     xml.Name `xml:"ListBucketResult"`
	IsTruncated string
	Next        string `xml:"NextContinuationToken"`
	Contents    []struct {
		Key, ETag, LastModified string
		Size                    int64
	}
	CommonPrefixes []struct{ Prefix string }
}

func slowly(body []byte) (p page, err error) {
	var x xmlPage
	if err := xml.Unmarshal(body, &x); err != nil {
		return p, err
	}
	for _, c := range x.Contents {
		p.objects = append(p.objects, entry{c.Key, strings.Trim(c.ETag, `"`), c.Size, c.LastModified})
	}
	for _, c := range x.CommonPrefixes {
		p.prefixes = append(p.prefixes, c.Prefix)
	}
	if x.IsTruncated == "true" {
		p.next = x.Next
	}
	return p, nil
}

const somePage = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>a/</Prefix><StartAfter/><KeyCount>3</KeyCount><MaxKeys>1000</MaxKeys>
<Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=&amp;</NextContinuationToken>
<Contents><Key>a/b &amp; &lt;c&gt; &quot;d&apos; &#233;&#xe9;&#x1;.json.gz</Key><LastModified>2026-11-20T00:05:12.000Z</LastModified><ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag>
<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><Size>434234</Size><Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>a/f</Key><LastModified>2026-11-20T00:05:12.000Z</LastModified><ETag>"9b-2"</ETag><Size>0</Size></Contents>
<CommonPrefixes><Prefix>a/x&amp;y/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>a/z/</Prefix></CommonPrefixes></ListBucketResult>
`

func TestParsePage(t *testing.T) {
	got, err := parsePage([]byte(somePage))
	want := page{
		objects: []entry{
			{"a/b & <c> \"d' éé\x01.json.gz", "fba9dede5f27731c9771645a39863328", 434234, "2026-11-20T00:05:12.000Z"},
			{"a/f", "9b-2", 0, "2026-11-20T00:05:12.000Z"},
		},
		prefixes: []string{"a/x&y/", "a/z/"},
		next:     "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=&",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	// A reply that is cut off is no short list.
	for i := range len(strings.TrimSpace(somePage)) {
		if p, err := parsePage([]byte(somePage[:i])); err == nil {
			t.Errorf("cut at %d: %+v", i, p)
		}
	}
	for _, bad := range []string{
		"", "<html></html>", "<Error><Code>SlowDown</Code></Error>", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
		"<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>", "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
	} {
		if p, err := parsePage([]byte(bad)); err == nil {
			t.Errorf("%s: %+v", bad, p)
		}
	}
}

// What a service writes, encoding/xml and parsePage read alike.
func FuzzParsePage(f *testing.F) {
	f.Add("key", "etag", "prefix/", "token", int64(1))
	f.Add("a&b<c>\"'", "\r\n\t", "]]>", "é", int64(9223372036854775807))
	f.Fuzz(func(t *testing.T, key, etag, prefix, token string, size int64) {
		if key == "" || size < 0 || token == "" {
			return
		}
		esc := func(s string) string {
			var b strings.Builder
			if err := xml.EscapeText(&b, []byte(s)); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		body := fmt.Sprintf(`<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>`+
			`<Contents><Key>%s</Key><ETag>"%s"</ETag><LastModified>x</LastModified><Size>%d</Size></Contents>`+
			`<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes></ListBucketResult>`, esc(token), esc(key), esc(etag), size, esc(prefix))
		want, err := slowly([]byte(body))
		if err != nil {
			return
		}
		if got, err := parsePage([]byte(body)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v, %v\nwant %+v", body, got, err, want)
		}
	})
}

// FuzzPageBytes feeds anything: no panic, and nothing but errors or pages.
func FuzzPageBytes(f *testing.F) {
	f.Add([]byte(somePage))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parsePage(body)
		for _, o := range p.objects {
			if err == nil && (o.key == "" || o.size < 0) {
				t.Errorf("%+v", o)
			}
		}
	})
}

func BenchmarkParsePage(b *testing.B) {
	var body strings.Builder
	body.WriteString("<ListBucketResult><IsTruncated>false</IsTruncated>")
	g := generated{accounts: 1, regions: 17, days: 59, perDay: 1, first: firstDay}
	for i := range 1000 {
		fmt.Fprintf(&body, "<Contents><Key>%s</Key><LastModified>2026-11-20T00:05:12.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>1234</Size><StorageClass>STANDARD</StorageClass></Contents>", g.key(i))
	}
	body.WriteString("</ListBucketResult>")
	text := []byte(body.String())
	for name, parse := range map[string]func([]byte) (page, error){"ours": parsePage, "encoding-xml": slowly} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if p, err := parse(text); err != nil || len(p.objects) != 1000 {
					b.Fatal(err)
				}
			}
		})
	}
}
