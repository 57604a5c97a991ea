package complete

// forms are calls that the grammar knows and that are no functions of the registry,
// and constructors.
var forms = []string{
	"cast(", "try_cast(", "extract(", "trim(", "substring(", "position(", "normalize(", "listagg(", "grouping(",
	"coalesce(", "if(", "nullif(", "try(", "row(", "array[",
}

// operands are the keywords that begin an operand.
var operands = []string{
	"CASE", "NOT", "EXISTS (", "NULL", "TRUE", "FALSE", "INTERVAL", "DATE", "TIMESTAMP",
	"CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP",
}

// operators are the keywords that may follow an operand.
var operators = []string{
	"AND", "OR", "IN (", "NOT IN (", "LIKE", "NOT LIKE", "BETWEEN", "NOT BETWEEN", "IS NULL", "IS NOT NULL",
	"IS DISTINCT FROM", "IS NOT DISTINCT FROM", "AT TIME ZONE",
}

var (
	setOperations = []string{"UNION", "UNION ALL", "INTERSECT", "EXCEPT"}
	rowLimits     = []string{"OFFSET", "LIMIT", "FETCH FIRST"}
	joins         = []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN", "CROSS JOIN"}
	sortings      = []string{"ASC", "DESC", "NULLS FIRST", "NULLS LAST"}
	frames        = []string{"ROWS BETWEEN", "RANGE BETWEEN", "GROUPS BETWEEN"}
	frameBounds   = []string{"UNBOUNDED PRECEDING", "UNBOUNDED FOLLOWING", "CURRENT ROW"}
	dateFields    = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAY_OF_WEEK", "DAY_OF_YEAR", "HOUR", "MINUTE", "SECOND"}
	intervalUnits = []string{"SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR"}
)

// clauses are the keywords that say in which part of a query a place is.
var clauses = []string{
	"SELECT", "FROM", "JOIN", "ON", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WITH", "WINDOW", "PARTITION",
}

// following holds, by clause, the keywords that may follow what is complete there.
var following = map[string][]string{
	"SELECT":    join([]string{"AS", "FROM"}, operators, setOperations),
	"FROM":      join([]string{"AS", "ON", "USING (", "TABLESAMPLE", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "WINDOW"}, joins, rowLimits, setOperations),
	"JOIN":      join([]string{"AS", "ON", "USING (", "TABLESAMPLE", "WHERE", "GROUP BY", "ORDER BY"}, joins, rowLimits, setOperations),
	"ON":        join([]string{"WHERE", "GROUP BY", "ORDER BY"}, operators, joins, rowLimits, setOperations),
	"WHERE":     join([]string{"GROUP BY", "HAVING", "ORDER BY", "WINDOW"}, operators, rowLimits, setOperations),
	"GROUP":     join([]string{"HAVING", "ORDER BY", "WINDOW"}, rowLimits, setOperations),
	"HAVING":    join([]string{"ORDER BY", "WINDOW"}, operators, rowLimits, setOperations),
	"ORDER":     join(sortings, rowLimits, frames),
	"PARTITION": join([]string{"ORDER BY"}, frames),
	"OFFSET":    {"ROWS", "LIMIT", "FETCH FIRST"},
	"FETCH":     {"ROWS ONLY", "ROWS WITH TIES", "ROW ONLY"},
	"WITH":      {"AS (", "SELECT"},
	"WINDOW":    {"AS ("},
	"":          operators,
}

// behind holds the keywords that may follow another where nothing else may.
var behind = map[string][]string{
	"IS":          {"NULL", "NOT NULL", "DISTINCT FROM", "NOT DISTINCT FROM"},
	"ORDER":       {"BY"},
	"GROUP":       {"BY"},
	"PARTITION":   {"BY"},
	"LEFT":        {"JOIN", "OUTER JOIN"},
	"RIGHT":       {"JOIN", "OUTER JOIN"},
	"FULL":        {"JOIN", "OUTER JOIN"},
	"INNER":       {"JOIN"},
	"CROSS":       {"JOIN"},
	"NATURAL":     {"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"},
	"OUTER":       {"JOIN"},
	"UNION":       {"ALL", "DISTINCT", "SELECT"},
	"INTERSECT":   {"ALL", "DISTINCT", "SELECT"},
	"EXCEPT":      {"ALL", "DISTINCT", "SELECT"},
	"WITH":        {"RECURSIVE"},
	"LIMIT":       {"ALL"},
	"FETCH":       {"FIRST", "NEXT"},
	"NULLS":       {"FIRST", "LAST"},
	"AT":          {"TIME ZONE"},
	"WITHIN":      {"GROUP (ORDER BY"},
	"TABLESAMPLE": {"BERNOULLI (", "SYSTEM ("},
	"UNBOUNDED":   {"PRECEDING", "FOLLOWING"},
	"CURRENT":     {"ROW"},
	"OVER":        {},
	"FILTER":      {},
	"IN":          {},
	"USING":       {},
	"AS":          {},
	"RECURSIVE":   {},
	"OFFSET":      {},
	"INTERVAL":    {},
	"EXISTS":      {},
	"CAST":        {},
	"TRY_CAST":    {},
	"EXTRACT":     {},
	"UNNEST":      {},
	"LATERAL":     {},
	":":           {},
}

var dataTypes = []string{
	"varchar", "bigint", "integer", "smallint", "tinyint", "double", "real", "decimal(", "boolean", "date", "timestamp",
	"timestamp with time zone", "time", "json", "ipaddress", "uuid", "varbinary", "array(", "map(", "row(",
}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
