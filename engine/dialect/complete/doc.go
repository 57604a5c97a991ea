// Package complete says what the word at a place of an unfinished statement may become:
// columns, fields, functions, tables, keywords. It is made for the tab key of a shell.
//
// Start with At. It looks at tokens and brackets and not at a tree, so that it has an
// answer where the parser has an error. The answer is a guess: a name that is offered
// may still be refused by the analyzer, and one that is not offered may be right.
package complete
