package engine

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"traillake/engine/dialect"
	"traillake/queries"
)

// namedLiterals are the values of :name as constants of the tree.
func namedLiterals(params map[string]queries.Value) map[string][]*dialect.Literal {
	named := make(map[string][]*dialect.Literal, len(params))
	for name, v := range params {
		if list, ok := v.Data.([]string); ok {
			named[name] = []*dialect.Literal{}
			for _, s := range list {
				named[name] = append(named[name], varchar(s))
			}
			continue
		}
		named[name] = []*dialect.Literal{literal(v)}
	}
	return named
}

// literals are the values of ? as constants of the tree.
func literals(args []queries.Value) ([]*dialect.Literal, error) {
	var list []*dialect.Literal
	for i, v := range args {
		if v.Type == queries.TypeStrings {
			return nil, fmt.Errorf("positional parameter %d is a list; give each text its own ?", i+1)
		}
		list = append(list, literal(v))
	}
	return list, nil
}

// literal has the type that the same constant has where it is written in SQL.
func literal(v queries.Value) *dialect.Literal {
	switch d := v.Data.(type) {
	case nil:
		return &dialect.Literal{Typ: dialect.Unknown}
	case string:
		return varchar(d)
	case int64:
		if d == int64(int32(d)) {
			return &dialect.Literal{Typ: dialect.Integer, Value: d}
		}
		return &dialect.Literal{Typ: dialect.Bigint, Value: d}
	case float64:
		return &dialect.Literal{Typ: dialect.Double, Value: d}
	case bool:
		return &dialect.Literal{Typ: dialect.Boolean, Value: d}
	case time.Time:
		if v.Type == queries.TypeDate {
			return &dialect.Literal{Typ: dialect.Date, Value: int64(math.Floor(float64(d.Unix()) / 86400))}
		}
		return &dialect.Literal{Typ: dialect.Timestamp(3), Value: d.UnixMicro()}
	default:
		panic(fmt.Sprintf("BUG: value of type %T", d))
	}
}

func varchar(s string) *dialect.Literal {
	return &dialect.Literal{Typ: dialect.VarcharN(utf8.RuneCountInString(s)), Value: s}
}
