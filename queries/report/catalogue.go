package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"traillake/queries"
)

// Catalogue hashes what a pack asks: its controls, as far as they decide what comes out, and
// the SQL and parameters of every query. It is Report.Catalogue of its reports.
func Catalogue(pack *queries.Pack, set *queries.Set) string {
	type query struct {
		Name, SQL string
		Defaults  map[string]string
	}
	asked := struct {
		Name, Framework, Version string
		Controls                 []queries.Control
		Queries                  []query
	}{Name: pack.Name, Framework: pack.Framework, Version: pack.Version}
	seen := map[string]bool{}
	for _, c := range pack.Controls {
		c.Line = 0 // where it stands in the file is nothing that was asked
		uses := make([]queries.Use, len(c.Queries))
		for i, u := range c.Queries {
			u.Line = 0
			uses[i] = u
			q, err := set.Get(u.Query)
			if err == nil && !seen[u.Query] {
				seen[u.Query] = true
				defaults := map[string]string{}
				for _, p := range q.Params {
					defaults[p.Name] = p.Type.String() + " " + p.Default
				}
				asked.Queries = append(asked.Queries, query{q.Name, q.SQL, defaults})
			}
		}
		c.Queries = uses
		asked.Controls = append(asked.Controls, c)
	}
	text, err := json.Marshal(asked)
	if err != nil {
		panic("BUG: a pack does not become JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
