package chart

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Drawing is a chart.
type Drawing struct {
	// Width and Height are in units that are a pixel on a page; text is 11 high.
	Width, Height float64
	// Title says what it shows, and Desc what there is to see, for who cannot.
	Title, Desc string
	Shapes      []Shape
}

// Shape is a rectangle or, where Text is not empty, a text.
type Shape struct {
	// X and Y are the upper left corner of a rectangle; of a text, the point on its
	// baseline that Anchor says.
	X, Y, W, H float64
	// Class says what it stands for, and so its colour: see Classes.
	Class string
	Text  string
	// Anchor is start, middle or end.
	Anchor string
	// Tip is a text that a page shows on pointing at it.
	Tip string
}

// Classes are all classes of shapes, with what they stand for.
var Classes = map[string]string{
	"grid": "lines behind bars", "label": "text", "value": "numbers at bars", "bar": "a bar", "gap": "what is missing",
	"critical": "severity", "high": "severity", "medium": "severity", "low": "severity", "info": "severity",
	"heat0": "no events", "heat1": "few events", "heat2": "more", "heat3": "more", "heat4": "most events",
}

// TextHeight is how high texts are.
const TextHeight = 11

func (d *Drawing) rect(x, y, w, h float64, class, tip string) {
	d.Shapes = append(d.Shapes, Shape{X: x, Y: y, W: w, H: h, Class: class, Tip: tip})
}

func (d *Drawing) text(x, y float64, anchor, class, s string) {
	d.Shapes = append(d.Shapes, Shape{X: x, Y: y, Class: class, Text: s, Anchor: anchor})
}

// textWidth is about how wide a text is.
func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s)) * TextHeight * 0.56 }

// fit cuts a text in its middle so that it is about as wide as there is room.
func fit(s string, width float64) string {
	most := int(width / (TextHeight * 0.56))
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	if most < 4 {
		return "…"
	}
	head := (most - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(most-1-head):])
}

// SVG writes a drawing as an SVG element for a page of HTML. It has classes and no styles.
func SVG(d *Drawing) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %s %s" role="img" aria-label="%s">`, number(d.Width), number(d.Height), html.EscapeString(d.Title+". "+d.Desc))
	for _, s := range d.Shapes {
		if s.Text != "" {
			fmt.Fprintf(&b, `<text x="%s" y="%s" class="%s" text-anchor="%s">%s</text>`, number(s.X), number(s.Y), s.Class, s.Anchor, html.EscapeString(s.Text))
			continue
		}
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" class="%s"`, number(s.X), number(s.Y), number(s.W), number(s.H), s.Class)
		if s.Tip == "" {
			b.WriteString("/>")
			continue
		}
		fmt.Fprintf(&b, `><title>%s</title></rect>`, html.EscapeString(s.Tip))
	}
	b.WriteString("</svg>")
	return b.String()
}

// number writes a coordinate with two digits at most.
func number(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Count writes a number for people.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
