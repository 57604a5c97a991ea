package scalar

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// stemmers are Snowball's by the names that word_stem has for languages.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem, "hu": hungarian.Stem,
	"ir": irish.Stem, "it": italian.Stem, "nl": dutch.Stem, "no": norwegian.Stem, "pt": portuguese.Stem, "ro": romanian.Stem,
	"ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

func wordStem(r *Row) error {
	stem := stemmers[r.S[1]]
	if stem == nil {
		switch r.S[1] {
		case "ca", "de", "eu", "hy", "lt":
			// German is Snowball's second variant in Trino, which is not to be had.
			return &Error{"NOT_SUPPORTED", "word_stem has no stemmer for the language: " + r.S[1]}
		}
		return badArgument("Unknown stemmer language: %s", r.S[1])
	}
	env := snowballstem.NewEnv(r.S[0])
	stem(env)
	return r.setText(env.Current(), true)
}
