package gen

import "bytes"

// oddity says in what way a record differs from the common form.
type oddity uint8

const (
	oddNone     oddity = iota
	oddOld             // eventVersion 1.05: no managementEvent, eventCategory, tlsDetails
	oddEmpty           // eventVersion 1.08: empty groups in sessionContext
	oddARNFirst        // resources with the ARN before the account
	oddUnicode         // text outside ASCII, and escapes, in the request
	oddNested          // a null, lists and deep nesting in the request
	oddOrder           // two keys in another order
	oddUnknown         // a key that eventVersion 1.11 does not have
	oddEscape          // an escape that CloudTrail does not use
	oddCount
)

// canonical reports whether the keys, white space and escapes are as usual.
func (o oddity) canonical() bool { return o < oddOrder }

// odd turns a small share of the records into odd ones, and says how.
func (u *unit) odd(c *call, rec []byte) ([]byte, oddity) {
	if !u.rnd.chance(u.w.c.Oddities) || u.vars != nil || c.to.legacy || c.ev.kind != "AwsApiCall" || c.ev.category == "NetworkActivity" {
		// Copies stay plain: what they waste is then the same in bytes and in
		// characters.
		return rec, oddNone
	}
	o := oddity(1 + u.rnd.below(int(oddCount)-1))
	before := len(rec)
	switch o {
	case oddOld:
		rec = replace(rec, `"eventVersion":"`+c.ev.version, `"eventVersion":"1.05`)
		rec = replace(rec, `"managementEvent":true,`, "")
		if i := bytes.LastIndex(rec, []byte(`,"eventCategory":`)); i > 0 && c.ev.category == "Management" && !c.vpce {
			rec = append(rec[:i], '}')
		}
	case oddEmpty:
		rec = replace(rec, `"eventVersion":"`+c.ev.version, `"eventVersion":"1.08`)
		rec = replace(rec, `"sessionContext":{"attributes"`, `"sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes"`)
	case oddARNFirst:
		if r, ok := arnFirst(rec); ok {
			return r, o
		}
		return rec, oddNone
	case oddUnicode:
		rec = replace(rec, `"requestParameters":{"`, `"requestParameters":{"comment":"Größe geprüft — 東京 ✅, \"quoted\", C:\\temp\ttab\nnew line","`)
	case oddNested:
		rec = replace(rec, `"requestParameters":{"`, `"requestParameters":{"options":{"levels":[[1,2.50,-3e2],{"empty":{},"none":null,"list":[]}],"big":12345678901234567890},"`)
	case oddOrder:
		old := `"managementEvent":true,"recipientAccountId":"` + c.to.id + `"`
		if !bytes.Contains(rec, []byte(old)) {
			return rec, oddNone
		}
		return replace(rec, old, `"recipientAccountId":"`+c.to.id+`","managementEvent":true`), o
	case oddUnknown:
		rec = append(rec[:len(rec)-1], `,"networkPath":{"hops":2,"transit":"tgw"}}`...)
	case oddEscape:
		rec = replace(rec, `","userAgent":"`, `","userAgent":"client\/4.1 \u0026 plugin `)
	}
	if len(rec) == before {
		return rec, oddNone // what was to be replaced is not in this record
	}
	return rec, o
}

func replace(rec []byte, old, with string) []byte {
	return bytes.Replace(rec, []byte(old), []byte(with), 1)
}

// arnFirst moves the ARN of a lone resource to the front.
func arnFirst(rec []byte) ([]byte, bool) {
	i := bytes.Index(rec, []byte(`"resources":[{"accountId"`))
	if i < 0 {
		return rec, false
	}
	i += len(`"resources":[{`)
	n := bytes.Index(rec[i:], []byte(`}],"eventType"`))
	j := bytes.Index(rec[i:], []byte(`,"ARN":"`))
	if n < 0 || j < 0 || j > n || bytes.Contains(rec[i:i+n], []byte("},{")) {
		return rec, false
	}
	out := append([]byte(nil), rec[:i]...)
	out = append(out, rec[i+j+1:i+n]...)
	out = append(out, ',')
	out = append(out, rec[i:i+j]...)
	return append(out, rec[i+n:]...), true
}
