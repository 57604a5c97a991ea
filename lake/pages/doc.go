// Package pages writes Parquet files from columns that are ready to be encoded: text as
// numbers of a dictionary, levels as bytes. Writer is the type to know.
//
// It stands in for the column writers of the Arrow library, which it leaves the footer
// and the Bloom filters to. They would hash what has numbers already, go over levels
// four times, allocate all buffers anew for each column, and their delta encoder breaks
// on a page without values that follows one with some. What comes out is the same: data
// pages of version 1, levels and indices as runs, dictionaries in plain encoding,
// zstd. The rules are those of
// https://github.com/apache/parquet-format/blob/master/Encodings.md.
package pages
