package duck

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
	"traillake/engine/dialect/scalar"
)

// ours are the functions that printed SQL and the engine's views call, by name. There may
// be several of a name, with other parameters.
var ours = func() map[string][]func(duckdb.Connection) error {
	all := map[string][]func(duckdb.Connection) error{
		engine.MembersFunction:  {registerMembers},
		engine.ElementsFunction: {registerElements},
	}
	for i, f := range scalar.Functions() {
		all[f.Name] = append(all[f.Name], func(conn duckdb.Connection) error { return registerFunction(conn, i, f) })
	}
	return all
}()

var errRefused = errors.New("the database does not take it")

// prefixes begin the names of all of ours. To look for them costs nothing in a statement of a
// megabyte, which one over 10,000 files has; to take it apart into words 13 ms.
var prefixes = []string{"t_", "__internal_json_"}

// declare gives the database those of our functions that sql has the names of, wherever they
// stand in it. Few queries need more than three; to have all of them takes 2 to 3 ms of the 30
// of processor time that a query over no file takes.
func (s *session) declare(sql string) error {
	var words []string
	for _, prefix := range prefixes {
		for rest := sql; ; {
			i := strings.Index(rest, prefix)
			if i < 0 {
				break
			}
			rest = rest[i:]
			n := strings.IndexFunc(rest, separates)
			if n < 0 {
				n = len(rest)
			}
			word := rest[:n]
			rest = rest[len(prefix):]
			if ours[word] != nil && !s.declared[word] && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	if words == nil {
		return nil
	}
	if err := s.settle(); err != nil {
		return err
	}
	if s.declared == nil {
		s.declared = map[string]bool{}
	}
	for _, word := range words {
		for _, register := range ours[word] {
			if err := register(s.conn); err != nil {
				return fmt.Errorf("register function %s: %w", word, err)
			}
		}
		s.declared[word] = true
	}
	return nil
}

// settle ends the transaction of a result that was not read to its end. DuckDB keeps it open
// until the next statement, and takes back then what was declared in it.
func (s *session) settle() error {
	if !s.streamed {
		return nil
	}
	var stmt duckdb.PreparedStatement
	defer duckdb.DestroyPrepare(&stmt)
	s.streamed = false
	return prepareOne(s.conn, "SELECT 1", &stmt)
}

func separates(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
