package dialect

// statisticFunctions are functions of vectors and of distributions.
var statisticFunctions = []spec{
	{sig: "beta_cdf(double, double, double) double", duck: "t_beta_cdf($1, $2, $3)"},
	{sig: "inverse_beta_cdf(double, double, double) double", duck: "t_inverse_beta_cdf($1, $2, $3)"},
	{sig: "normal_cdf(double, double, double) double", duck: "t_normal_cdf($1, $2, $3)"},
	{sig: "inverse_normal_cdf(double, double, double) double", duck: "t_inverse_normal_cdf($1, $2, $3)"},
	{sig: "t_cdf(double, double) double", duck: "t_t_cdf($1, $2)"},
	{sig: "t_pdf(double, double) double", duck: "t_t_pdf($1, $2)"},
	{sig: "wilson_interval_lower(bigint, bigint, double) double", duck: "t_wilson($1, $2, $3, 'lower')"},
	{sig: "wilson_interval_upper(bigint, bigint, double) double", duck: "t_wilson($1, $2, $3, 'upper')"},
	{sig: "dot_product(array(double), array(double)) double", duck: ofVectors("coalesce(list_sum(" + products + "), 0)")},
	{sig: "euclidean_distance(array(double), array(double)) double", duck: ofVectors("sqrt(coalesce(list_sum(list_transform($1, lambda _x, _i : power(_x - $2[_i], 2))), 0))")},
	{sig: "cosine_similarity(array(double), array(double)) double", duck: ofVectors(cosine)},
	{sig: "cosine_distance(array(double), array(double)) double", duck: ofVectors("(1 - " + cosine + ")")},
	{sig: "cosine_similarity(map(varchar,double), map(varchar,double)) double", duck: ofMaps(cosineOfMaps)},
	{sig: "cosine_distance(map(varchar,double), map(varchar,double)) double", duck: ofMaps("(1 - " + cosineOfMaps + ")")},
}

const (
	products     = "list_transform($1, lambda _x, _i : _x * $2[_i])"
	cosine       = "list_sum(" + products + ") / (sqrt(list_sum(list_transform($1, lambda _y : _y * _y))) * sqrt(list_sum(list_transform($2, lambda _z : _z * _z))))"
	cosineOfMaps = "coalesce(list_sum(list_transform(map_entries($1), lambda _x : struct_extract(_x, 'value') * map_extract_value($2, struct_extract(_x, 'key')))), 0)" +
		" / (sqrt(list_sum(list_transform(map_values($1), lambda _y : _y * _y))) * sqrt(list_sum(list_transform(map_values($2), lambda _z : _z * _z))))"
)

// ofVectors guards a function of two vectors, which is NULL where an element is.
func ofVectors(t string) string {
	return "CASE WHEN len($1) <> len($2) THEN {!INVALID_FUNCTION_ARGUMENT|The arguments must have the same length!}" +
		" WHEN list_count($1) = len($1) AND list_count($2) = len($2) THEN " + t + " END"
}

// ofMaps guards a function of two sparse vectors.
func ofMaps(t string) string {
	return "CASE WHEN list_count(map_values($1)) = cardinality($1) AND list_count(map_values($2)) = cardinality($2) THEN " + t + " END"
}
