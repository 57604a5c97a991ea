package result

import _ "embed" // for the schema

// JSONSchema is the JSON Schema of a Document's JSON.
//
//go:embed schema.json
var JSONSchema []byte
