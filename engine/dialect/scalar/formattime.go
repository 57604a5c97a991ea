package scalar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// javaTime is a date D, a time T, a timestamp t or one with time zone z, as an argument of format.
type javaTime struct {
	kind byte
	time.Time
}

// newJavaTime reads microseconds since 1970, behind which a zone may stand.
func newJavaTime(kind byte, arg string) (javaTime, error) {
	micros, zone, _ := strings.Cut(arg, " ")
	us, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return javaTime{}, err
	}
	loc, err := Zone(zone)
	if zone == "" {
		loc, err = time.UTC, nil
	}
	return javaTime{kind, time.UnixMicro(us).In(loc)}, err
}

// String is what toString gives in Java: seconds where there are any, and decimals by threes.
func (t javaTime) String() string {
	day := "2006-01-02"
	if t.Year() > 9999 {
		day = "+" + day
	}
	if t.kind == 'D' {
		return t.Format(day)
	}
	clock := "15:04"
	switch ns := t.Nanosecond(); {
	case ns%1_000_000 != 0:
		clock = "15:04:05.000000"
	case ns != 0:
		clock = "15:04:05.000"
	case t.Second() != 0:
		clock = "15:04:05"
	}
	switch t.kind {
	case 'T':
		return t.Format(clock)
	case 't':
		return t.Format(day + "T" + clock)
	}
	s := t.Format(day + "T" + clock + "Z07:00")
	if zone := t.Location().String(); zone[0] != '+' && zone[0] != '-' {
		s += "[" + zone + "]"
	}
	return s
}

// The letters behind %t that a date, a time and an instant have.
const (
	dateLetters    = "BbhAaCYyjmdeDF"
	clockLetters   = "HIklMSLNpRTr"
	instantLetters = "zZsQc"
)

var letterLayouts = map[byte]string{
	'H': "15", 'I': "03", 'l': "3", 'M': "04", 'S': "05", 'p': "pm", 'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon",
	'Y': "2006", 'y': "06", 'j': "002", 'm': "01", 'd': "02", 'e': "2", 'R': "15:04", 'T': "15:04:05", 'r': "03:04:05 PM",
	'D': "01/02/06", 'F': "2006-01-02", 'z': "-0700", 'Z': "MST", 'c': "Mon Jan 02 15:04:05 MST 2006",
}

// letter writes what a letter behind %t stands for, false where the time has no such part.
func (t javaTime) letter(c byte) (string, bool) {
	letters := map[byte]string{'D': dateLetters, 'T': clockLetters, 't': dateLetters + clockLetters, 'z': dateLetters + clockLetters + instantLetters}
	if strings.IndexByte(letters[t.kind], c) < 0 {
		return "", false
	}
	switch c {
	case 'k':
		return strconv.Itoa(t.Hour()), true
	case 'L':
		return fmt.Sprintf("%03d", t.Nanosecond()/1_000_000), true
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond()), true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 's':
		return strconv.FormatInt(t.Unix(), 10), true
	case 'Q':
		return strconv.FormatInt(t.UnixMilli(), 10), true
	}
	return t.Format(letterLayouts[c]), true
}
