package digest

import (
	"bytes"
	"slices"
)

// The members of a digest and of an entry of its logFiles that CloudTrail is known to write;
// first those that are kept.
var (
	fileMembers = []string{
		"awsAccountId", "digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object", "digestPublicKeyFingerprint", "previousDigestS3Bucket",
		"previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature",
		"digestSignatureAlgorithm", "newestEventTime", "oldestEventTime", "previousDigestHashAlgorithm", "logFiles",
	}
	logMembers = []string{"s3Bucket", "s3Object", "hashValue", "hashAlgorithm", "newestEventTime", "oldestEventTime"}
)

// cut reads the text of a digest as CloudTrail writes it: ASCII without escapes, and
// of the known members none twice, none of another type. ok is false for any other text; what
// that says, and whether it is JSON, encoding/json tells, which takes ten times as long.
func cut(text []byte) (j parsedJSON, ok bool) {
	if !plain(text) {
		return parsedJSON{}, false
	}
	c := &cutter{text: text}
	var v [15]member
	if !c.object(fileMembers, v[:], c.list) || c.next() != 0 {
		return parsedJSON{}, false
	}
	j = parsedJSON{
		AWSAccountID: string(v[0].text), DigestStartTime: v[1].orNil(), DigestEndTime: v[2].orNil(), DigestS3Bucket: v[3].orNil(), DigestS3Object: v[4].orNil(),
		DigestPublicKeyFingerprint: v[5].orNil(), PreviousDigestS3Bucket: v[6].orNil(), PreviousDigestS3Object: v[7].orNil(),
		PreviousDigestHashValue: string(v[8].text), LogFiles: c.logs,
	}
	if s := v[9]; s.null {
		j.PreviousDigestSignature = []byte("null")
	} else if s.seen {
		j.PreviousDigestSignature = slices.Concat([]byte(`"`), s.text, []byte(`"`))
	}
	return j, true
}

// cutMetadata reads the metadata out of a sidecar that has nothing else, as cut does a digest.
func cutMetadata(text []byte) (metadata map[string]string, ok bool) {
	if !plain(text) {
		return nil, false
	}
	c := &cutter{text: text}
	var head [1]member
	names := []string{MetaSignature, MetaAlgorithm, MetaBackfill}
	var v [3]member
	inner := func() bool { return c.object(names, v[:], nil) }
	if !c.object([]string{"Metadata"}, head[:], inner) || c.next() != 0 {
		return nil, false
	}
	metadata = make(map[string]string, len(names))
	for i, name := range names {
		if v[i].null {
			return nil, false
		}
		if v[i].seen {
			metadata[name] = string(v[i].text)
		}
	}
	return metadata, true
}

// plain reports whether the text is ASCII without a backslash, so that what is between two
// quotes is the value of a string, unless it has a control character.
func plain(text []byte) bool {
	other := 0
	for _, b := range text {
		if b >= 0x80 || b == '\\' {
			other++
		}
	}
	return other == 0
}

// member is the value of a member. The text is part of the digest's.
type member struct {
	text       []byte
	seen, null bool
}

func (m member) orNil() *string {
	if !m.seen || m.null {
		return nil
	}
	s := string(m.text)
	return &s
}

// cutter reads a plain text.
type cutter struct {
	text []byte
	at   int
	logs []parsedLog
}

// next returns the next byte that is no white space; 0 at the end.
func (c *cutter) next() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\n', '\r', '\t':
		case 0:
			return 1 // which nothing begins with, either
		default:
			return b
		}
	}
	return 0
}

// skip moves behind b if that comes next.
func (c *cutter) skip(b byte) bool {
	if c.next() != b {
		return false
	}
	c.at++
	return true
}

func (c *cutter) string() (s []byte, ok bool) {
	if !c.skip('"') {
		return nil, false
	}
	n := bytes.IndexByte(c.text[c.at:], '"')
	if n < 0 {
		return nil, false
	}
	s = c.text[c.at : c.at+n]
	c.at += n + 1
	return s, !slices.ContainsFunc(s, func(b byte) bool { return b < ' ' })
}

// object reads an object that has some of the members, and their values. That of the last one
// is read by last, if that is not nil; the others are texts or null.
func (c *cutter) object(members []string, values []member, last func() bool) bool {
	if !c.skip('{') {
		return false
	}
	if c.skip('}') {
		return true
	}
	for {
		key, ok := c.string()
		i := slices.IndexFunc(members, func(m string) bool { return m == string(key) })
		if !ok || i < 0 || values[i].seen || !c.skip(':') {
			return false
		}
		v := member{seen: true}
		switch {
		case last != nil && i == len(members)-1:
			ok = last()
		case c.next() == '"':
			v.text, ok = c.string()
		default:
			v.null = true
			ok = bytes.HasPrefix(c.text[c.at:], []byte("null"))
			c.at += len("null")
		}
		if values[i] = v; !ok {
			return false
		}
		if !c.skip(',') {
			return c.skip('}')
		}
	}
}

// list reads the value of logFiles.
func (c *cutter) list() bool {
	if !c.skip('[') {
		return false
	}
	c.logs = make([]parsedLog, 0, bytes.Count(c.text[c.at:], []byte(`"hashValue"`)))
	if c.skip(']') {
		return true
	}
	for {
		var v [6]member
		if !c.object(logMembers, v[:], nil) {
			return false
		}
		l := parsedLog{S3Object: string(v[1].text), HashValue: string(v[2].text)}
		if n := len(c.logs); n > 0 && c.logs[n-1].S3Bucket == string(v[0].text) {
			l.S3Bucket = c.logs[n-1].S3Bucket
		} else {
			l.S3Bucket = string(v[0].text)
		}
		c.logs = append(c.logs, l)
		if !c.skip(',') {
			return c.skip(']')
		}
	}
}
