package duck

// RegisterViewFunctions is for tests that read DuckDB's plans.
var RegisterViewFunctions = registerViewFunctions
