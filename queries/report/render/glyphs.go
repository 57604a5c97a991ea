package render

import (
	"fmt"
	"strings"
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// glyphs are the characters that all fonts of a document have. Beyond U+FFFF the writer of
// PDFs has none.
var glyphs = sync.OnceValue(func() map[rune]bool {
	var fonts []*sfnt.Font
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, gomono.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("BUG: an embedded font: " + err.Error())
		}
		fonts = append(fonts, f)
	}
	known := map[rune]bool{}
	var buf sfnt.Buffer
	for r := ' '; r <= 0xffff; r++ {
		all := r != 0x7f
		for _, f := range fonts {
			form, err := f.GlyphIndex(&buf, r)
			all = all && err == nil && form != 0
		}
		if all {
			known[r] = true
		}
	}
	return known
})

// shown writes a text with the characters that there are, and any other as \u{4e2d}. What
// would be taken for the number of pages is parted.
func shown(s string) string {
	known := glyphs()
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, pagesAlias, "{ pages}") {
		if known[r] {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}
