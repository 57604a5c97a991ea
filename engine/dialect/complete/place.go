package complete

import (
	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
)

// place says what may stand at the cursor.
type place struct {
	tables, operand, types bool
	keywords               []string
	// aliases are names of the select list, which ORDER BY can use.
	aliases []Field
}

// place looks at the token in front of the cursor, the clause and the brackets.
func (s *scan) place() place {
	b := s.blocks(s.cur)[0]
	if s.cur == b.lo {
		return s.atStart(b)
	}
	clauseAt := s.clause(b)
	clause := s.key(clauseAt)
	prev := s.cur - 1
	key := s.key(prev)
	switch key {
	case "FROM":
		if s.inFunction(b.lo) || !s.isClause(prev) {
			return place{operand: true}
		}
		return s.tablePlace()
	case "JOIN":
		return s.tablePlace()
	case ",":
		switch clause {
		case "FROM", "JOIN":
			return s.tablePlace()
		case "WITH", "LIMIT", "WINDOW":
			return place{}
		}
		return place{operand: true, aliases: s.aliases(b, clause)}
	case "AS":
		if c := s.key(b.open - 1); c == "CAST" || c == "TRY_CAST" {
			return place{types: true}
		}
		return place{}
	case "SELECT":
		return place{operand: true, keywords: []string{"DISTINCT", "ALL"}}
	case "ALL", "DISTINCT":
		if c := s.key(prev - 1); c == "UNION" || c == "INTERSECT" || c == "EXCEPT" {
			return place{keywords: []string{"SELECT"}}
		}
		if s.key(prev-1) == "IS" || s.key(prev-1) == "NOT" {
			return place{keywords: []string{"FROM"}}
		}
		return place{operand: true}
	case "NOT":
		switch {
		case s.key(prev-1) == "IS":
			return place{keywords: []string{"NULL", "DISTINCT FROM"}}
		case s.endsOperand(prev - 1):
			return place{keywords: []string{"IN (", "LIKE", "BETWEEN"}}
		}
		return place{operand: true}
	case "BY":
		p := place{operand: true, aliases: s.aliases(b, clause)}
		if s.key(prev-1) == "GROUP" {
			p.keywords = []string{"GROUPING SETS (", "ROLLUP (", "CUBE ("}
		}
		return p
	case "CASE":
		return place{operand: true, keywords: []string{"WHEN"}}
	case "BETWEEN":
		if c := s.key(prev - 1); c == "ROWS" || c == "RANGE" || c == "GROUPS" {
			return place{keywords: frameBounds}
		}
	case "*":
		if c := s.key(prev - 1); c == "SELECT" || c == "," || c == "." || c == "DISTINCT" {
			return place{keywords: []string{"FROM"}}
		}
	}
	if words, ok := behind[key]; ok {
		return place{keywords: words}
	}
	if !s.endsOperand(prev) {
		return place{operand: true}
	}
	return s.afterOperand(b, clauseAt)
}

func (s *scan) tablePlace() place {
	return place{tables: true, keywords: []string{"UNNEST(", "LATERAL ("}}
}

// atStart is the place behind an opening bracket and at the start of the statement.
func (s *scan) atStart(b block) place {
	if b.open < 0 {
		return place{keywords: []string{"SELECT", "WITH"}}
	}
	if s.key(b.open) == "[" {
		return place{operand: true}
	}
	switch s.key(b.open - 1) {
	case "FROM", "JOIN":
		p := s.tablePlace()
		p.keywords = append(p.keywords, "SELECT", "WITH", "VALUES")
		return p
	case "AS", "EXISTS", "LATERAL":
		if s.key(b.open-1) == "AS" && s.key(s.clause(s.blocks(b.open)[0])) == "WINDOW" {
			return place{keywords: []string{"PARTITION BY", "ORDER BY"}}
		}
		return place{keywords: []string{"SELECT", "WITH", "VALUES"}}
	case "OVER":
		return place{keywords: join([]string{"PARTITION BY", "ORDER BY"}, frames)}
	case "FILTER":
		return place{keywords: []string{"WHERE"}}
	case "GROUP":
		return place{keywords: []string{"ORDER BY"}}
	case "EXTRACT":
		return place{keywords: dateFields}
	case "TRIM":
		return place{operand: true, keywords: []string{"LEADING", "TRAILING", "BOTH"}}
	}
	if name, ok := s.nameAt(b.open - 1); ok {
		p := place{operand: true}
		if o := dialect.Overloads(name); o != nil && o[0].Kind == dialect.Aggregate {
			p.keywords = []string{"DISTINCT"}
		}
		return p
	}
	return place{operand: true, keywords: []string{"SELECT", "WITH"}}
}

// clause returns the keyword of the clause that the cursor is in, -1 for none.
func (s *scan) clause(b block) int {
	before := min(s.cur, b.hi)
	at := -1
	for i := b.lo; i < before; i = s.next(i, len(s.toks)) {
		k := s.key(i)
		if !contains(clauses, k) || !s.isClause(i) || k == "GROUP" && s.key(i-1) == "WITHIN" || k == "WITH" && i > b.lo {
			continue
		}
		if k == "FROM" && s.inFunction(b.lo) {
			continue
		}
		if _, isName := s.nameAt(i); isName && s.key(i-1) == "." {
			continue
		}
		at = i
	}
	return at
}

// endsOperand says whether token i can be the end of an operand.
func (s *scan) endsOperand(i int) bool {
	if i < 0 || i >= len(s.toks) {
		return false
	}
	switch t := s.toks[i]; t.Kind {
	case syntax.Operator:
		return t.Key == ")" || t.Key == "]" || t.Key == "?"
	case syntax.Unrecognized:
		return false
	case syntax.Word:
		switch t.Key {
		case "END", "NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "LOCALTIME", "LOCALTIMESTAMP":
			return true
		case "ESCAPE":
			return false
		}
		return !syntax.Reserved(t.Key)
	}
	return true
}

// afterOperand is the place behind an operand, a table or a complete list.
func (s *scan) afterOperand(b block, clauseAt int) place {
	clause, prev := s.key(clauseAt), s.cur-1
	if s.key(prev-1) == "INTERVAL" {
		return place{keywords: intervalUnits}
	}
	if words := s.inCase(b); words != nil {
		return place{keywords: join(words, operators)}
	}
	words := following[clause]
	switch clause {
	case "":
		if c := s.key(b.open - 1); c == "CAST" || c == "TRY_CAST" {
			words = join([]string{"AS"}, words)
		} else if c == "EXTRACT" || c == "TRIM" {
			words = []string{"FROM"}
		} else if name, ok := s.nameAt(b.open - 1); ok && dialect.Overloads(name) != nil && dialect.Overloads(name)[0].Kind == dialect.Aggregate {
			words = join([]string{"ORDER BY"}, words)
		}
	case "LIMIT":
		if key := s.toks[prev].Kind; key == syntax.Integer {
			words = setOperations
		}
	}
	if s.key(prev) == ")" && clause != "FROM" && clause != "JOIN" && clause != "WITH" {
		words = join([]string{"OVER (", "FILTER (WHERE", "WITHIN GROUP (ORDER BY"}, words)
	}
	return place{keywords: words}
}

// inCase returns the keywords that may go on a CASE around the cursor, nil for none.
func (s *scan) inCase(b block) []string {
	var open [][]string
	for i := b.lo; i < min(s.cur, b.hi); i = s.next(i, len(s.toks)) {
		n := len(open) - 1
		switch key := s.key(i); {
		case key == "CASE":
			open = append(open, []string{"WHEN"})
		case n < 0:
		case key == "WHEN":
			open[n] = []string{"THEN"}
		case key == "THEN":
			open[n] = []string{"WHEN", "ELSE", "END"}
		case key == "ELSE":
			open[n] = []string{"END"}
		case key == "END":
			open = open[:n]
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[len(open)-1]
}

// aliases returns the names of the select list where ORDER BY can use them.
func (s *scan) aliases(b block, clause string) []Field {
	if clause != "ORDER" || s.key(b.open-1) == "OVER" {
		return nil
	}
	lo, hi := s.arm(b.lo, b.hi, s.cur)
	return s.selectFields(lo, hi)
}
