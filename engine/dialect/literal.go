package dialect

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"time"
)

// duckType is the type that values of t have in DuckDB.
func duckType(t *Type) string {
	switch t.Kind {
	case KindUnknown:
		return "BOOLEAN"
	case KindBoolean:
		return "BOOLEAN"
	case KindTinyint:
		return "TINYINT"
	case KindSmallint:
		return "SMALLINT"
	case KindInteger:
		return "INTEGER"
	case KindBigint:
		return "BIGINT"
	case KindReal:
		return "FLOAT"
	case KindDouble:
		return "DOUBLE"
	case KindDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case KindVarchar, KindChar:
		return "VARCHAR"
	case KindVarbinary, KindIPAddress:
		// Addresses are 16 bytes, as in Trino, so that they sort as there.
		return "BLOB"
	case KindJSON:
		return "JSON"
	case KindDate:
		return "DATE"
	case KindTime:
		return "TIME"
	case KindTimeTZ:
		return "TIMETZ"
	case KindTimestamp:
		return "TIMESTAMP"
	case KindTimestampTZ:
		return "TIMESTAMPTZ"
	case KindIntervalDay, KindIntervalYear:
		return "INTERVAL"
	case KindUUID:
		return "UUID"
	case KindArray:
		return duckType(t.Elem()) + "[]"
	case KindMap:
		return "MAP(" + duckType(t.Key()) + ", " + duckType(t.Value()) + ")"
	case KindRow:
		s := "STRUCT("
		for i, e := range t.Elems {
			if i > 0 {
				s += ", "
			}
			s += fmt.Sprintf("f%d %s", i, duckType(e))
		}
		return s + ")"
	default:
		panic("BUG: no DuckDB type for " + t.String())
	}
}

// literal prints a constant.
func (p *duckPrinter) literal(l *Literal) string {
	if l.Value == nil {
		if l.Typ.Kind == KindUnknown {
			return "NULL"
		}
		return "CAST(NULL AS " + duckType(l.Typ) + ")"
	}
	cast := func(s string) string { return "CAST(" + s + " AS " + duckType(l.Typ) + ")" }
	switch v := l.Value.(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return cast("'" + duckFloat(v) + "'")
	case *big.Int:
		return cast("'" + DecimalText(v, l.Typ.Scale) + "'")
	case string:
		switch l.Typ.Kind {
		case KindJSON, KindUUID:
			return cast(quoteString(v))
		}
		return quoteString(v)
	case []byte:
		if len(v) == 0 {
			return "''::BLOB"
		}
		return "unhex('" + hex.EncodeToString(v) + "')"
	case netip.Addr:
		b := v.As16()
		return "unhex('" + hex.EncodeToString(b[:]) + "')"
	case int64:
		return p.integer(l.Typ, v)
	default:
		panic(fmt.Sprintf("BUG: literal %T", v))
	}
}

func (p *duckPrinter) integer(t *Type, v int64) string {
	n := strconv.FormatInt(v, 10)
	switch t.Kind {
	case KindInteger:
		if v < 0 {
			return "CAST(" + n + " AS INTEGER)"
		}
		return n
	case KindTinyint, KindSmallint, KindBigint:
		return "CAST(" + n + " AS " + duckType(t) + ")"
	case KindDate:
		if s := time.Unix(v*86400, 0).UTC(); s.Year() >= 1 && s.Year() <= 9999 {
			return "DATE '" + s.Format("2006-01-02") + "'"
		}
		return "CAST(DATE '1970-01-01' + " + n + " AS DATE)"
	case KindTime, KindTimeTZ:
		return "CAST('" + time.UnixMicro(v).UTC().Format("15:04:05.000000") + "' AS " + duckType(t) + ")"
	case KindTimestamp:
		if s := time.UnixMicro(v).UTC(); s.Year() >= 1 && s.Year() <= 9999 {
			return "TIMESTAMP '" + s.Format("2006-01-02 15:04:05.999999") + "'"
		}
		return "make_timestamp(CAST(" + n + " AS BIGINT))"
	case KindTimestampTZ:
		if s := time.UnixMicro(v).UTC(); s.Year() >= 1 && s.Year() <= 9999 {
			return "TIMESTAMPTZ '" + s.Format("2006-01-02 15:04:05.999999") + "+00'"
		}
		return "CAST(make_timestamp(CAST(" + n + " AS BIGINT)) AS TIMESTAMPTZ)"
	case KindIntervalDay:
		return "to_milliseconds(CAST(" + n + " AS BIGINT))"
	case KindIntervalYear:
		return "to_months(CAST(" + n + " AS INTEGER))"
	default:
		panic("BUG: an integer for " + t.String())
	}
}

func duckFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// DecimalText writes an unscaled decimal with its point.
func DecimalText(v *big.Int, scale int) string {
	s := new(big.Int).Abs(v).String()
	if scale > 0 {
		for len(s) <= scale {
			s = "0" + s
		}
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if v.Sign() < 0 {
		s = "-" + s
	}
	return s
}
