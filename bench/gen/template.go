package gen

import (
	"strconv"
	"strings"
	"time"
)

// A template is JSON text with placeholders such as <bucket>. Values are chosen once
// per call: <bucket> names the same bucket wherever it stands in one record, and in
// the calls that follow from it.
type template struct{ ops []op }

type op struct {
	literal []byte
	fill    func(u *unit, dst []byte) []byte // nil in a literal
}

// compile panics on an unknown placeholder: templates are part of this package.
func compile(text string) template {
	var t template
	for text != "" {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			t.ops = append(t.ops, op{literal: []byte(text)})
			break
		}
		j := strings.IndexByte(text[i:], '>')
		if j < 0 {
			panic("BUG: open placeholder in " + text)
		}
		if i > 0 {
			t.ops = append(t.ops, op{literal: []byte(text[:i])})
		}
		t.ops = append(t.ops, op{fill: placeholder(text[i+1 : i+j])})
		text = text[i+j+1:]
	}
	return t
}

func (t template) empty() bool { return len(t.ops) == 0 }

func (t template) append(u *unit, dst []byte) []byte {
	for i := range t.ops {
		if o := &t.ops[i]; o.fill == nil {
			dst = append(dst, o.literal...)
		} else {
			dst = o.fill(u, dst)
		}
	}
	return dst
}

func placeholder(name string) func(u *unit, dst []byte) []byte {
	if f, ok := placeholders[name]; ok {
		return f
	}
	if k, ok := poolByName[name]; ok {
		return func(u *unit, dst []byte) []byte { return u.appendPool(dst, k) }
	}
	if prefix, ok := strings.CutPrefix(name, "id-"); ok {
		return idOf(prefix, false)
	}
	if prefix, ok := strings.CutPrefix(name, "new-"); ok {
		return idOf(prefix, true)
	}
	if n, ok := strings.CutPrefix(name, "int-"); ok {
		limit, err := strconv.Atoi(n)
		if err == nil {
			return func(u *unit, dst []byte) []byte {
				return strconv.AppendInt(dst, int64(1+u.rnd.below(limit)), 10)
			}
		}
	}
	if n, ok := strings.CutPrefix(name, "key-"); ok {
		count, err := strconv.Atoi(n)
		if err == nil {
			return func(u *unit, dst []byte) []byte {
				dst = append(dst, u.acct.keys...)
				return append(dst, key(mix(u.fresh, 10), max(count-len(u.acct.keys), 1))...)
			}
		}
	}
	if n, ok := strings.CutPrefix(name, "b64-"); ok {
		count, err := strconv.Atoi(n)
		if err == nil {
			return func(u *unit, dst []byte) []byte { return u.rnd.appendDigits(dst, count, base64Digits) }
		}
	}
	if n, ok := strings.CutPrefix(name, "x-"); ok {
		return func(u *unit, dst []byte) []byte {
			v, ok := u.vars[n]
			if !ok {
				panic("BUG: no value for <x-" + n + ">")
			}
			return append(dst, v...)
		}
	}
	panic("BUG: unknown placeholder <" + name + ">")
}

// idOf makes ids such as i-0123456789abcdef0: of one of the account's things in the
// region, or of a thing that the call makes.
func idOf(prefix string, fresh bool) func(u *unit, dst []byte) []byte {
	tag := mixString(1, prefix)
	size := idSizes[prefix]
	if size == 0 {
		size = 40
	}
	return func(u *unit, dst []byte) []byte {
		h := mix(u.fresh, tag)
		if !fresh {
			// The choice follows from the call's number, so that a second
			// mention in the same call names the same thing.
			x := float64(h>>11) / (1 << 53)
			index := uint64(x * x * float64(size))
			h = mix(mix(u.acct.seed, tag), uint64(u.region)<<32|index)
		}
		dst = append(dst, prefix...)
		dst = append(dst, '-', '0')
		return appendHex(dst, h, 16)
	}
}

// idSizes says how many of some kinds of things a region has; of others it has 40.
var idSizes = map[string]int{"vpc": 3, "subnet": 12, "vpce": 4, "igw": 3, "nat": 4, "sg": 30, "i": 60, "vol": 90}

var placeholders = map[string]func(u *unit, dst []byte) []byte{
	"account":   func(u *unit, dst []byte) []byte { return append(dst, u.acct.id...) },
	"recipient": func(u *unit, dst []byte) []byte { return append(dst, u.cur.to.id...) },
	"region":    func(u *unit, dst []byte) []byte { return append(dst, regionNames[u.region]...) },
	"az": func(u *unit, dst []byte) []byte {
		return append(append(dst, regionNames[u.region]...), "abc"[u.rnd.below(3)])
	},
	"session": func(u *unit, dst []byte) []byte { return append(dst, u.sess.name...) },
	"day":     func(u *unit, dst []byte) []byte { return utc(u.cur.time).AppendFormat(dst, "2006/01/02") },
	"arn":     func(u *unit, dst []byte) []byte { return append(dst, u.sess.arn...) },
	"now":     func(u *unit, dst []byte) []byte { return appendTime(dst, u.cur.time) },
	"nowms":   func(u *unit, dst []byte) []byte { return strconv.AppendInt(dst, u.cur.time*1000, 10) },
	"date":    func(u *unit, dst []byte) []byte { return appendLongDate(dst, u.cur.time, " ") },
	"dayago":  func(u *unit, dst []byte) []byte { return appendTime(dst, u.cur.time-86400) },
	"hourago": func(u *unit, dst []byte) []byte {
		return strconv.AppendInt(dst, (u.cur.time-3600)*1000, 10)
	},
	"request": func(u *unit, dst []byte) []byte { return append(dst, u.cur.requestID...) },
	"uuid": func(u *unit, dst []byte) []byte {
		return appendUUID(dst, u.rnd.u64(), u.rnd.u64(), hexDigits)
	},
	"UUID": func(u *unit, dst []byte) []byte {
		return appendUUID(dst, mix(u.fresh, 2), mix(u.fresh, 3), upperDigits)
	},
	"same-uuid": func(u *unit, dst []byte) []byte {
		return appendUUID(dst, mix(u.fresh, 4), mix(u.fresh, 5), hexDigits)
	},
	"hex-12": func(u *unit, dst []byte) []byte { return appendHex(dst, u.rnd.u64(), 12) },
	"hex-32": func(u *unit, dst []byte) []byte {
		return appendHex(appendHex(dst, mix(u.fresh, 6), 16), mix(u.fresh, 7), 16)
	},
	"hex-64": func(u *unit, dst []byte) []byte {
		for range 4 {
			dst = appendHex(dst, u.rnd.u64(), 16)
		}
		return dst
	},
	"kms-key": func(u *unit, dst []byte) []byte {
		h := mix(u.acct.seed, uint64(u.region)<<8|mix(u.fresh, 8)%6)
		return appendUUID(dst, h, mix(h, 1), hexDigits)
	},
	"encoded": func(u *unit, dst []byte) []byte { return u.rnd.appendDigits(dst, 380+u.rnd.below(120), urlDigits) },
	"private": func(u *unit, dst []byte) []byte { return appendPrivate(dst, mix(u.fresh, 9)) },
	"bytes":   func(u *unit, dst []byte) []byte { return strconv.AppendInt(dst, int64(u.fresh>>(40+u.fresh&15)), 10) },
	"source":  func(u *unit, dst []byte) []byte { return append(dst, u.cur.ev.source...) },
	"name":    func(u *unit, dst []byte) []byte { return append(dst, u.cur.ev.action...) },
	"action": func(u *unit, dst []byte) []byte {
		return append(append(append(dst, u.cur.ev.service...), ':'), u.cur.ev.action...)
	},
	"secret-suffix": func(u *unit, dst []byte) []byte {
		return append(dst, key(mix(u.acct.seed, uint64(u.picked(poolSecret))), 6)...)
	},
	"address": func(u *unit, dst []byte) []byte { return append(dst, u.w.addresses[u.cur.addr].text...) },

	// Of the session that the call opens.
	"s-key":  func(u *unit, dst []byte) []byte { return append(dst, u.opening.key...) },
	"s-role": func(u *unit, dst []byte) []byte { return append(dst, u.opening.p.roleARN...) },
	"s-name": func(u *unit, dst []byte) []byte { return append(dst, u.opening.name...) },
	"s-id": func(u *unit, dst []byte) []byte {
		return append(append(append(dst, u.opening.p.id...), ':'), u.opening.name...)
	},
	"s-arn":     func(u *unit, dst []byte) []byte { return append(dst, u.opening.arn...) },
	"s-expires": func(u *unit, dst []byte) []byte { return appendLongDate(dst, u.opening.expires, ", ") },
	"s-seconds": func(u *unit, dst []byte) []byte {
		return strconv.AppendInt(dst, u.opening.expires-u.opening.created, 10)
	},
	"s-account":  func(u *unit, dst []byte) []byte { return append(dst, u.opening.p.acct.id...) },
	"s-provider": func(u *unit, dst []byte) []byte { return append(dst, u.opening.p.provider...) },
	"s-subject":  func(u *unit, dst []byte) []byte { return append(dst, u.opening.p.subject...) },
	"s-mfa":      func(u *unit, dst []byte) []byte { return append(dst, yesNo(u.opening.mfa)...) },
	"token": func(u *unit, dst []byte) []byte {
		return u.rnd.appendDigits(append(dst, "IQoJb3JpZ2luX2Vj"...), 340, base64Digits)
	},
	"external-id": func(u *unit, dst []byte) []byte { return appendUUID(dst, u.acct.seed, mix(u.acct.seed, 1), hexDigits) },
}

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

func appendTime(dst []byte, unix int64) []byte {
	return time.Unix(unix, 0).UTC().AppendFormat(dst, time.RFC3339)
}

// appendLongDate writes the form that the Java SDK gives to times in responses:
// "Oct 3, 2026, 4:05:06 PM", where some services leave out the second comma.
func appendLongDate(dst []byte, unix int64, separator string) []byte {
	t := time.Unix(unix, 0).UTC()
	dst = t.AppendFormat(dst, "Jan 2, 2006")
	dst = append(dst, separator...)
	return t.AppendFormat(dst, "3:04:05 PM")
}

func appendPrivate(dst []byte, h uint64) []byte {
	dst = append(dst, "10."...)
	dst = strconv.AppendUint(dst, h&63, 10)
	dst = append(dst, '.')
	dst = strconv.AppendUint(dst, h>>8&255, 10)
	dst = append(dst, '.')
	return strconv.AppendUint(dst, 4+h>>16%250, 10)
}
