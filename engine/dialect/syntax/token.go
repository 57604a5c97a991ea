package syntax

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	// EOF stands behind the last token.
	EOF Kind = iota
	// Word is an unquoted identifier or a keyword.
	Word
	// QuotedIdent is an identifier in double quotes.
	QuotedIdent
	// BackquotedIdent is an identifier in backquotes, lexed for its error.
	BackquotedIdent
	// DigitIdent is an identifier that begins with a digit, lexed for its error.
	DigitIdent
	// String is a text in single quotes.
	String
	// UnicodeString is a text as U&'…'.
	UnicodeString
	// BinaryString is bytes as X'…'.
	BinaryString
	// Integer is a number without point or exponent, of base 2, 8, 10 or 16.
	Integer
	// Decimal is a number with a point.
	Decimal
	// Double is a number with an exponent.
	Double
	// Operator is an operator or a bracket.
	Operator
	// Unrecognized is one character that begins no token.
	Unrecognized
)

// Span is a range of bytes of the text.
type Span struct{ Start, End int }

// At returns the span itself; nodes that embed a Span are Nodes by it.
func (s Span) At() Span { return s }

// Token is a piece of the text. Key is the keyword in upper case or the operator,
// and empty for all others.
type Token struct {
	Span
	Kind Kind
	Key  string
}

// Reserved says whether a keyword, in upper case, can be a name only in quotes.
func Reserved(keyword string) bool { return keywords[keyword] == reservedWord }

// Keyword says whether the upper-case word is a keyword of the grammar.
func Keyword(word string) bool { return keywords[word] != 0 }

type wordClass uint8

const (
	plainKeyword wordClass = iota + 1
	reservedWord
)

// keywords holds the words that the grammar knows, from Trino's list of keywords.
var keywords = func() map[string]wordClass {
	m := make(map[string]wordClass, len(reservedWords)+len(plainWords))
	for _, w := range reservedWords {
		m[w] = reservedWord
	}
	for _, w := range plainWords {
		m[w] = plainKeyword
	}
	return m
}()

// canonical holds every keyword under its own text, so that a lookup by bytes
// gives a string without allocating one.
var canonical = func() map[string]string {
	m := make(map[string]string, len(keywords))
	for w := range keywords {
		m[w] = w
	}
	return m
}()

var reservedWords = []string{
	"ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE", "CURRENT_CATALOG",
	"CURRENT_DATE", "CURRENT_PATH", "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
	"DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT", "DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXISTS",
	"EXTRACT", "FALSE", "FOR", "FROM", "FULL", "GROUP", "GROUPING", "HAVING", "IN", "INNER", "INSERT", "INTERSECT",
	"INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_TABLE", "JSON_VALUE", "LEFT",
	"LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER",
	"PREPARE", "RECURSIVE", "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE", "THEN", "TRIM", "TRUE", "UESCAPE", "UNION",
	"UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WITH",
}

var plainWords = []string{
	"ABSENT", "ADD", "ADMIN", "AFTER", "ALL", "ANALYZE", "ANY", "ARRAY", "ASC", "AT", "AUTHORIZATION", "BEGIN",
	"BERNOULLI", "BOTH", "CALL", "CALLED", "CASCADE", "CATALOG", "CATALOGS", "COLUMN", "COLUMNS", "COMMENT", "COMMIT",
	"COMMITTED", "CONDITIONAL", "COPARTITION", "COUNT", "CURRENT", "DATA", "DATE", "DAY", "DECLARE", "DEFAULT", "DEFINE",
	"DEFINER", "DENY", "DESC", "DESCRIPTOR", "DETERMINISTIC", "DISTRIBUTED", "DO", "DOUBLE", "ELSEIF", "EMPTY",
	"ENCODING", "ERROR", "EXCLUDING", "EXECUTE", "EXPLAIN", "FETCH", "FILTER", "FINAL", "FIRST", "FOLLOWING", "FORMAT", "FUNCTION",
	"FUNCTIONS", "GRACE", "GRANT", "GRANTED", "GRANTS", "GRAPHVIZ", "GROUPS", "HOUR", "IF", "IGNORE", "IMMEDIATE",
	"INCLUDING", "INITIAL", "INPUT", "INTERVAL", "INVOKER", "IO", "ISOLATION", "ITERATE", "JSON", "KEEP", "KEY", "KEYS",
	"LANGUAGE", "LAST", "LATERAL", "LEADING", "LEAVE", "LEVEL", "LIMIT", "LOCAL", "LOGICAL", "LOOP", "MAP", "MATCH",
	"MATCHED", "MATCHES", "MATCH_RECOGNIZE", "MATERIALIZED", "MEASURES", "MERGE", "MINUTE", "MONTH", "NESTED", "NEXT",
	"NFC", "NFD", "NFKC", "NFKD", "NO", "NONE", "NULLIF", "NULLS", "OBJECT", "OF", "OFFSET", "OMIT", "ONE", "ONLY",
	"OPTION", "ORDINALITY", "OUTPUT", "OVER", "OVERFLOW", "PARTITION", "PARTITIONS", "PASSING", "PAST", "PATH", "PATTERN",
	"PER", "PERIOD", "PERMUTE", "PLAN", "POSITION", "PRECEDING", "PRECISION", "PRIVILEGES", "PROPERTIES", "PRUNE",
	"QUOTES", "RANGE", "READ", "REFRESH", "RENAME", "REPEAT", "REPEATABLE", "REPLACE", "RESET", "RESPECT", "RESTRICT",
	"RETURN", "RETURNING", "RETURNS", "REVOKE", "ROLE", "ROLES", "ROLLBACK", "ROW", "ROWS", "RUNNING", "SCALAR", "SCHEMA",
	"SCHEMAS", "SECOND", "SECURITY", "SEEK", "SERIALIZABLE", "SESSION", "SET", "SETS", "SHOW", "SOME", "START", "STATS",
	"STRING", "SUBSET", "SUBSTRING", "SYSTEM", "TABLES", "TABLESAMPLE", "TEXT", "TIES", "TIME", "TIMESTAMP", "TO",
	"TRAILING", "TRANSACTION", "TRUNCATE", "TRY_CAST", "TYPE", "UNBOUNDED", "UNCOMMITTED", "UNCONDITIONAL", "UNIQUE",
	"UNKNOWN", "UNMATCHED", "UNTIL", "UPDATE", "USE", "USER", "UTF16", "UTF32", "UTF8", "VALIDATE", "VALUE", "VERBOSE",
	"VERSION", "VIEW", "WHILE", "WINDOW", "WITHIN", "WITHOUT", "WORK", "WRAPPER", "WRITE", "YEAR", "ZONE",
}

// operators lists the operators and brackets, longer ones first.
var operators = []string{
	"<>", "!=", "<=", ">=", "||", "->", "=>",
	"=", "<", ">", "+", "-", "*", "/", "%", "?", ";", "(", ")", "[", "]", ",", ".", ":",
}
