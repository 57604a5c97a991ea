package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// printer writes numbers for people, or exact ones for programs.
type printer struct{ people bool }

// count writes a number of things, with thousands apart for people.
func (p printer) count(n int64) string {
	s := strconv.FormatInt(n, 10)
	if !p.people {
		return s
	}
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// bytes writes a size, in decimal units for people.
func (p printer) bytes(n int64) string {
	if !p.people || n < 1000 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	v := float64(n)
	units := []string{"kB", "MB", "GB", "TB", "PB"}
	unit := -1
	for v >= 999.5 && unit+1 < len(units) {
		v /= 1000
		unit++
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, units[unit])
	}
	return fmt.Sprintf("%.0f %s", v, units[unit])
}

// things writes a count and its noun.
func (p printer) things(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return p.count(n) + " " + many
}

// seconds writes a duration to about three digits.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	default:
		return d.Round(time.Second).String()
	}
}

// wrap breaks text into lines of at most width cells, each after indent. Paragraphs
// are separated by empty lines; a line break in one, such as before an item of a list,
// stays, and what follows of an item is indented further.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	if text == "" {
		return ""
	}
	for part := range strings.SplitSeq(text, "\n") {
		line, inner := "", indent
		for _, word := range strings.Fields(part) {
			if line != "" && len(inner)+len(line)+1+len(word) > width {
				b.WriteString(inner + line + "\n")
				if line == "-" || strings.HasPrefix(line, "- ") {
					inner = indent + "  "
				}
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		if line == "" {
			b.WriteByte('\n')
		} else {
			b.WriteString(inner + line + "\n")
		}
	}
	return b.String()
}
