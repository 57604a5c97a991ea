package scalar

import (
	"net/netip"
	"strings"
	"sync"
)

// Addresses are 16 bytes, as Trino keeps them: an IPv4 address is mapped.
var ipFuncs = []Func{
	{"t_ip_cast", "sb", Bytes, func(r *Row) error {
		a, err := parseIP(r.S[0])
		b := a.As16()
		r.Str = string(b[:])
		return r.tried(r.B[1], err)
	}},
	{"t_ip_bytes", "xb", Bytes, func(r *Row) error {
		a, ok := netip.AddrFromSlice([]byte(r.S[0]))
		if !ok {
			return r.tried(r.B[1], badCast("Invalid IP address binary length: %d", len(r.S[0])))
		}
		b := a.As16()
		r.Str = string(b[:])
		return nil
	}},
	{"t_ip_text", "x", Text, func(r *Row) error {
		a, ok := netip.AddrFromSlice([]byte(r.S[0]))
		return r.setText(a.Unmap().String(), ok)
	}},
	{"t_ip_in", "sx", Bool, func(r *Row) error {
		p, err := prefix(r.S[0])
		if err != nil {
			return err
		}
		a, _ := netip.AddrFromSlice([]byte(r.S[1]))
		r.Bool = p.Contains(a)
		return nil
	}},
	{"t_ip_in_text", "ssb", Bool, func(r *Row) error {
		p, err := prefix(r.S[0])
		if err != nil {
			return err
		}
		a, err := parseIP(r.S[1])
		r.Bool = err == nil && p.Contains(netip.AddrFrom16(a.As16()))
		return r.tried(r.B[2], err)
	}},
}

func parseIP(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, badCast("Cannot cast value to IPADDRESS: %s", s)
	}
	return a.Unmap(), nil
}

// IPText writes the 16 bytes of an address.
func IPText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap().String()
}

// prefixes keeps networks that were read: most queries name one.
var prefixes sync.Map // string to netip.Prefix; at most maxPatterns

// prefix reads a network. One of IPv4, whose address must be the first one in it, is of mapped addresses.
func prefix(s string) (netip.Prefix, error) {
	if p, ok := prefixes.Load(s); ok {
		return p.(netip.Prefix), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4() && p != p.Masked() {
		return p, badArgument("Invalid CIDR")
	}
	if p.Addr().Is4() {
		p = netip.PrefixFrom(netip.AddrFrom16(p.Addr().As16()), p.Bits()+96)
	}
	p = p.Masked()
	n := 0
	prefixes.Range(func(any, any) bool { n++; return n < maxPatterns })
	if n >= maxPatterns {
		prefixes.Clear()
	}
	prefixes.Store(strings.Clone(s), p)
	return p, nil
}
