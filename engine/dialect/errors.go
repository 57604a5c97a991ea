package dialect

import "traillake/engine/dialect/syntax"

// Error is a mistake in the text of a query: Trino's code and wording, and its
// place. See syntax.Error.
type Error = syntax.Error

// Code is the name of an error, as Trino spells it.
type Code = syntax.Code

// The codes of errors.
const (
	CodeSyntax                    = syntax.CodeSyntax
	CodeNotSupported              = syntax.CodeNotSupported
	CodeInvalidLiteral            = syntax.CodeInvalidLiteral
	CodeTooLarge                  = syntax.CodeTooLarge
	CodeTableNotFound        Code = "TABLE_NOT_FOUND"
	CodeColumnNotFound       Code = "COLUMN_NOT_FOUND"
	CodeFunctionNotFound     Code = "FUNCTION_NOT_FOUND"
	CodeTypeNotFound         Code = "TYPE_NOT_FOUND"
	CodeTypeMismatch         Code = "TYPE_MISMATCH"
	CodeAmbiguousName        Code = "AMBIGUOUS_NAME"
	CodeDuplicateColumn      Code = "DUPLICATE_COLUMN_NAME"
	CodeDuplicateNamedQuery  Code = "DUPLICATE_NAMED_QUERY"
	CodeNotAggregate         Code = "EXPRESSION_NOT_AGGREGATE"
	CodeNotScalar            Code = "EXPRESSION_NOT_SCALAR"
	CodeNotConstant          Code = "EXPRESSION_NOT_CONSTANT"
	CodeNotInDistinct        Code = "EXPRESSION_NOT_IN_DISTINCT"
	CodeMissingGroupBy       Code = "MISSING_GROUP_BY"
	CodeNestedAggregation    Code = "NESTED_AGGREGATION"
	CodeNestedWindow         Code = "NESTED_WINDOW"
	CodeInvalidWindowFrame   Code = "INVALID_WINDOW_FRAME"
	CodeInvalidWindowRef     Code = "INVALID_WINDOW_REFERENCE"
	CodeDuplicateWindow      Code = "DUPLICATE_WINDOW_NAME"
	CodeInvalidPartitionBy   Code = "INVALID_PARTITION_BY"
	CodeInvalidOrderBy       Code = "INVALID_ORDER_BY"
	CodeNullTreatment        Code = "NULL_TREATMENT_NOT_ALLOWED"
	CodeMissingOver          Code = "MISSING_OVER"
	CodeMissingOrderBy       Code = "MISSING_ORDER_BY"
	CodeFunctionNotWindow    Code = "FUNCTION_NOT_WINDOW"
	CodeFunctionNotAggregate Code = "FUNCTION_NOT_AGGREGATE"
	CodeInvalidColumnRef     Code = "INVALID_COLUMN_REFERENCE"
	CodeMismatchedAliases    Code = "MISMATCHED_COLUMN_ALIASES"
	CodeMissingAliases       Code = "MISSING_COLUMN_ALIASES"
	CodeInvalidArguments     Code = "INVALID_FUNCTION_ARGUMENT"
	CodeInvalidGrouping      Code = "INVALID_ARGUMENTS"
	CodeInvalidPath          Code = "INVALID_PATH"
	CodeDuplicateParameter   Code = "DUPLICATE_PARAMETER_NAME"
	CodeInvalidParameter     Code = "INVALID_PARAMETER_USAGE"
	CodeInvalidRecursive     Code = "INVALID_RECURSIVE_REFERENCE"
	CodeInvalidLimit         Code = "INVALID_LIMIT_CLAUSE"
	CodeOutOfRange           Code = "NUMERIC_VALUE_OUT_OF_RANGE"
	CodeTooManyArguments     Code = "TOO_MANY_ARGUMENTS"
	CodeTooManyGroupingSets  Code = "TOO_MANY_GROUPING_SETS"
)
