package scalar

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Format is Java's Formatter over arguments given as text. kinds says what each is:
// i integer, f double, d decimal, b boolean, s text, and D, T, t and z for times.
func Format(format, kinds string, args List) (string, error) {
	var b strings.Builder
	next, last := 0, -1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		v, n, ok := verbOf(format[i:])
		if !ok {
			return "", badArgument("Invalid format string: %s", format)
		}
		i += n - 1
		switch v.letter {
		case '%':
			b.WriteString(v.pad("%"))
			continue
		case 'n':
			b.WriteByte('\n')
			continue
		}
		at := 0
		switch {
		case v.same:
			at = last
		case v.index > 0:
			at = v.index - 1
		default:
			at = next
			next++
		}
		if at < 0 || at >= len(args.V) {
			return "", badArgument("Invalid format string: %s (Format specifier '%s')", format, format[i-n+1:i+1])
		}
		last = at
		null := args.Null != nil && args.Null[at]
		s, err := v.write(kinds[at], args.V[at], null)
		if err != nil {
			return "", badArgument("Invalid format string: %s (%s)", format, err.Error())
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// verb is a format specifier: %[index$][flags][width][.precision]letter.
type verb struct {
	index            int
	same             bool
	flags            string
	width, precision int // -1 for none
	letter           byte
	date             byte // behind t
	upper            bool
}

func verbOf(s string) (v verb, n int, ok bool) {
	i := 1
	number := func() int {
		k := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' && i-k < 6 {
			i++
		}
		if i == k {
			return -1
		}
		x, _ := strconv.Atoi(s[k:i])
		return x
	}
	if i < len(s) && s[i] >= '1' && s[i] <= '9' {
		k := i
		if x := number(); i < len(s) && s[i] == '$' {
			v.index = x
			i++
		} else {
			i = k
		}
	}
	for i < len(s) && strings.IndexByte("-#+ 0,(<", s[i]) >= 0 {
		if s[i] == '<' {
			v.same = true
		} else {
			v.flags += s[i : i+1]
		}
		i++
	}
	v.width = number()
	v.precision = -1
	if i < len(s) && s[i] == '.' {
		i++
		if v.precision = number(); v.precision < 0 {
			return v, 0, false
		}
	}
	if i >= len(s) {
		return v, 0, false
	}
	v.letter = s[i]
	i++
	if v.letter >= 'A' && v.letter <= 'Z' {
		v.upper = true
		v.letter += 'a' - 'A'
	}
	if v.letter == 't' {
		if i >= len(s) {
			return v, 0, false
		}
		v.date = s[i]
		i++
	}
	return v, i, strings.IndexByte("bhscdoxefgatn%", v.letter) >= 0
}

func (v verb) has(flag string) bool { return strings.Contains(v.flags, flag) }

// pad brings a text to the width.
func (v verb) pad(s string) string {
	if n := v.width - len([]rune(s)); n > 0 {
		if v.has("-") {
			return s + strings.Repeat(" ", n)
		}
		return strings.Repeat(" ", n) + s
	}
	return s
}

type formatError string

func (e formatError) Error() string { return string(e) }

func (v verb) write(kind byte, arg string, null bool) (string, error) {
	s := arg
	switch {
	case v.letter == 'b':
		switch {
		case null:
			s = "false"
		case kind != 'b':
			s = "true"
		}
		s = v.cut(s)
	case null:
		s = v.cut("null")
	case v.letter == 's':
		if strings.IndexByte("DTtz", kind) >= 0 {
			t, err := newJavaTime(kind, arg)
			if err != nil {
				return "", err
			}
			s = t.String()
		}
		s = v.cut(s)
	case v.letter == 'h':
		return "", formatError("h")
	case v.letter == 'c':
		if kind == 'i' {
			n, _ := strconv.Atoi(arg)
			s = string(rune(n))
		} else if len([]rune(arg)) != 1 {
			return "", formatError(string(v.letter) + " != java.lang.String")
		}
	case v.letter == 'd':
		if kind != 'i' {
			return "", formatError("d != " + javaClass(kind))
		}
		return v.number(arg, false), nil
	case v.letter == 'o' || v.letter == 'x':
		if kind != 'i' {
			return "", formatError(string(v.letter) + " != " + javaClass(kind))
		}
		n, _ := strconv.ParseInt(arg, 10, 64)
		base, prefix := 16, "0x"
		if v.letter == 'o' {
			base, prefix = 8, "0"
		}
		s = strconv.FormatUint(uint64(n), base)
		if v.has("#") {
			s = prefix + s
		}
		if v.has("0") {
			for len(s) < v.width {
				s = "0" + s
			}
		}
	case v.letter == 'e' || v.letter == 'f' || v.letter == 'g':
		return v.float(kind, arg)
	case v.letter == 't':
		ok := false
		if t, err := newJavaTime(kind, arg); err == nil {
			s, ok = t.letter(v.date)
		}
		if !ok {
			return "", formatError(string(v.date) + " != " + javaClass(kind))
		}
	default:
		return "", formatError(string(v.letter))
	}
	if v.upper {
		s = strings.ToUpper(s)
	}
	return v.pad(s), nil
}

func javaClass(kind byte) string {
	return map[byte]string{'i': "java.lang.Long", 'f': "java.lang.Double", 'd': "java.math.BigDecimal", 'b': "java.lang.Boolean",
		's': "java.lang.String", 'D': "java.time.LocalDate", 'T': "java.time.LocalTime", 't': "java.time.LocalDateTime", 'z': "java.time.ZonedDateTime"}[kind]
}

// cut shortens a text to the precision.
func (v verb) cut(s string) string {
	if r := []rune(s); v.precision >= 0 && len(r) > v.precision {
		return string(r[:v.precision])
	}
	return s
}

// number adds sign, grouping and zeros to decimal digits.
func (v verb) number(s string, _ bool) string {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(s, ".")
	if v.has(",") {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if point {
		whole += "." + frac
	}
	before, behind := "", ""
	switch {
	case neg && v.has("("):
		before, behind = "(", ")"
	case neg:
		before = "-"
	case v.has("+"):
		before = "+"
	case v.has(" "):
		before = " "
	}
	if v.has("0") {
		for len(before)+len(whole)+len(behind) < v.width {
			whole = "0" + whole
		}
	}
	return v.pad(before + whole + behind)
}

func (v verb) float(kind byte, arg string) (string, error) {
	digits := v.precision
	if digits < 0 {
		digits = 6
	}
	if kind == 'd' && v.letter == 'f' {
		r, ok := new(big.Rat).SetString(arg)
		if !ok {
			return "", formatError("f")
		}
		return v.number(decimalText(roundHalfUp(r.Mul(r, new(big.Rat).SetInt(pow10(digits)))), digits), true), nil
	}
	if kind != 'f' && kind != 'd' {
		return "", formatError(string(v.letter) + " != " + javaClass(kind))
	}
	f, err := parseJava(arg)
	if err != nil {
		return "", err
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return v.pad(arg), nil
	}
	switch v.letter {
	case 'f':
		// Java rounds the shortest decimal text of the number, half up.
		r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
		return v.number(decimalText(roundHalfUp(r.Mul(r, new(big.Rat).SetInt(pow10(digits)))), digits), true), nil
	case 'e':
		s := strconv.FormatFloat(f, 'e', digits, 64)
		if v.upper {
			s = strings.ToUpper(s)
		}
		return v.number(s, true), nil
	default:
		digits = max(digits, 1)
		if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= math.Pow10(digits)) {
			return v.number(strconv.FormatFloat(f, 'e', digits-1, 64), true), nil
		} else if a == 0 {
			return v.number(strconv.FormatFloat(0, 'f', digits-1, 64), true), nil
		}
		exp := int(math.Floor(math.Log10(math.Abs(f))))
		return v.number(strconv.FormatFloat(f, 'f', max(digits-1-exp, 0), 64), true), nil
	}
}

func parseJava(s string) (float64, error) {
	switch s {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	return strconv.ParseFloat(s, 64)
}
