package report

import _ "embed" // for JSONSchema

// JSONSchema is the JSON Schema (draft 2020-12) of the JSON form of a Report.
//
//go:embed schema.json
var JSONSchema []byte
