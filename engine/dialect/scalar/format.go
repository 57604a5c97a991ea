package scalar

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Format is Java's Formatter over arguments given as text. kinds says what each is:
// i integer, f double, r real, d decimal, b boolean, s text, and D, T, t and z for times.
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
		case '%', 'n':
			if bad := v.check(); bad != nil {
				return "", badArgument("Invalid format string: %s (%s)", format, bad.Error())
			}
			if v.letter == 'n' {
				b.WriteByte('\n')
			} else {
				b.WriteString(v.pad("%"))
			}
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
	letters := "bhscdoxefgatn%"
	if v.upper {
		letters = "bhscxegat"
	}
	return v, i, strings.IndexByte(letters, v.letter) >= 0
}

func (v verb) has(flag string) bool { return strings.Contains(v.flags, flag) }

// pad brings a text to the width.
func (v verb) pad(s string) string {
	if n := v.width - len(utf16.Encode([]rune(s))); n > 0 {
		if v.has("-") {
			return s + strings.Repeat(" ", n)
		}
		return strings.Repeat(" ", n) + s
	}
	return s
}

// check refuses flags, widths and precisions that the letter does not take.
func (v verb) check() error {
	refused, whole := "", false // flags, and whether there is no precision
	switch v.letter {
	case 'b', 's', 'h':
		refused = "#+ 0,("
	case 'c':
		refused, whole = "#+ 0,(", true
	case 'd':
		refused, whole = "#", true
	case 'o', 'x':
		refused, whole = "+ ,(", true
	case 'e':
		refused = ","
	case 'g':
		refused = "#"
	case 't', '%':
		refused, whole = "#+ 0,(", true
	case 'n':
		refused, whole = "-#+ 0,(", true
	}
	letter := string(v.letter)
	for i, flag := range v.flags {
		if strings.ContainsRune(v.flags[:i], flag) {
			return formatError("Flags = '" + string(flag) + "'")
		}
	}
	switch i := strings.IndexAny(v.flags, refused); {
	case v.letter == 'n' && v.width >= 0:
		return formatError(strconv.Itoa(v.width))
	case v.has("-") && v.has("0") || v.has("+") && v.has(" "):
		return formatError("Flags = '" + v.flags + "'")
	case v.width < 0 && (v.has("-") || v.has("0")):
		return formatError("%" + v.flags + letter)
	case i >= 0:
		return formatError("Conversion = " + letter + ", Flags = " + v.flags[i:i+1])
	case whole && v.precision >= 0:
		return formatError(strconv.Itoa(v.precision))
	}
	return nil
}

type formatError string

func (e formatError) Error() string { return string(e) }

func (v verb) write(kind byte, arg string, null bool) (string, error) {
	if err := v.check(); err != nil {
		return "", err
	}
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
		if kind == 'd' {
			s = bigDecimal(s)
		}
		s = v.cut(s)
	case v.letter == 'h':
		return "", formatError("h")
	case v.letter == 'c':
		return "", formatError("c != " + javaClass(kind)) // Trino has no characters
	case v.letter == 'd':
		if kind != 'i' {
			return "", formatError("d != " + javaClass(kind))
		}
		return v.number(arg), nil
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
			s = v.zeros(len(s)) + s
		}
	case v.letter == 'e' || v.letter == 'f' || v.letter == 'g':
		t, err := v.float(kind, arg)
		if err != nil {
			return "", err
		}
		s = t
		if v.upper {
			s = strings.ToUpper(s)
		}
		return s, nil
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
	return map[byte]string{'i': "java.lang.Long", 'f': "java.lang.Double", 'r': "java.lang.Float", 'd': "java.math.BigDecimal", 'b': "java.lang.Boolean",
		's': "java.lang.String", 'D': "java.time.LocalDate", 'T': "java.time.LocalTime", 't': "java.time.LocalDateTime", 'z': "java.time.ZonedDateTime"}[kind]
}

// cut shortens a text to the precision, in Java's characters.
func (v verb) cut(s string) string {
	if u := utf16.Encode([]rune(s)); v.precision >= 0 && len(u) > v.precision {
		return strings.ReplaceAll(string(utf16.Decode(u[:v.precision])), "\uFFFD", "?")
	}
	return s
}

// zeros fill the width of so many characters.
func (v verb) zeros(n int) string { return strings.Repeat("0", max(v.width-n, 0)) }

// number adds sign, grouping and zeros to decimal digits.
func (v verb) number(s string) string {
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
		whole = v.zeros(len(before)+len(whole)+len(behind)) + whole
	}
	return v.pad(before + whole + behind)
}

func (v verb) float(kind byte, arg string) (string, error) {
	switch kind {
	case 'f', 'd':
	case 'r':
		f, err := strconv.ParseFloat(arg, 32)
		if err == nil {
			arg = DoubleText(f) // Java makes it a double, digits of 32 bits and all
		}
	default:
		return "", formatError(string(v.letter) + " != " + javaClass(kind))
	}
	sign := ""
	if rest, negative := strings.CutPrefix(arg, "-"); negative {
		sign, arg = "-", rest
	}
	switch arg {
	case "NaN":
		return v.pad(arg), nil
	case "Infinity":
		v.flags = strings.NewReplacer("0", "", ",", "").Replace(v.flags)
		return v.number(sign + arg), nil
	}
	x, ok := new(big.Rat).SetString(arg)
	if !ok {
		return "", formatError(string(v.letter))
	}
	precision := v.precision
	if precision < 0 {
		precision = 6
	}
	switch v.letter {
	case 'f':
		return v.number(sign + fixedPoint(x, precision)), nil
	case 'e':
		digits, exp := significant(arg, precision+1)
		return v.number(sign + scientific(digits, exp)), nil
	}
	precision = max(precision, 1)
	digits, exp := significant(arg, precision)
	if x.Sign() != 0 && (exp < -4 || exp >= precision) {
		return v.number(sign + scientific(digits, exp)), nil
	}
	return v.number(sign + fixedPoint(x, precision-1-exp)), nil
}

// fixedPoint rounds half up to digits behind the point.
func fixedPoint(x *big.Rat, digits int) string {
	return decimalText(roundHalfUp(x.Mul(x, new(big.Rat).SetInt(pow10(digits)))), digits)
}

// significant returns the first n digits of a number that is written with a point or as Java's doubles,
// rounded half up, and the power of ten of the first.
func significant(s string, n int) (digits string, exp int) {
	m, e, _ := strings.Cut(s, "E")
	whole, frac, _ := strings.Cut(m, ".")
	digits = strings.TrimLeft(whole+frac, "0")
	if digits == "" {
		return strings.Repeat("0", n), 0
	}
	exp, _ = strconv.Atoi(e)
	exp += len(whole) - 1 - (len(whole+frac) - len(digits))
	if len(digits) <= n {
		return digits + strings.Repeat("0", n-len(digits)), exp
	}
	u, _ := new(big.Int).SetString(digits[:n], 10)
	if digits[n] >= '5' {
		u.Add(u, big.NewInt(1))
	}
	if digits = u.String(); len(digits) > n {
		return digits[:n], exp + 1
	}
	return digits, exp
}

func scientific(digits string, exp int) string {
	s := digits[:1]
	if len(digits) > 1 {
		s += "." + digits[1:]
	}
	return fmt.Sprintf("%se%+03d", s, exp)
}

// bigDecimal is a decimal as Java's BigDecimal.toString writes it.
func bigDecimal(s string) string {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := strings.TrimLeft(frac, "0")
	if whole != "0" || max(len(digits), 1)-1-len(frac) >= -6 {
		return s
	}
	if digits == "" {
		digits = "0"
	}
	exp := len(digits) - 1 - len(frac)
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	return s[:strings.IndexByte(s, '0')] + digits + "E" + strconv.Itoa(exp)
}
