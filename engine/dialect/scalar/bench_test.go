package scalar

import (
	"testing"
)

// BenchmarkJSON looks for values in texts as they are in stores.
func BenchmarkJSON(b *testing.B) {
	flat := `{"bucketName":"org-trail-logs-111122223333","Host":"s3.us-east-1.amazonaws.com","key":"AWSLogs/111122223333/CloudTrail/2026/10/03/part-00017.parquet","x-amz-server-side-encryption":"aws:kms"}`
	nested := `{"bucketName":"b","instancesSet":{"items":[{"imageId":"ami-0abcdef1234567890","minCount":1,"maxCount":1}]},"instanceType":"m5.large","key":"v"}`
	for _, c := range []struct{ name, fn, text, arg string }{
		{"map-get-first", "t_map_get", flat, "bucketName"},
		{"map-get-late", "t_map_get", flat, "key"},
		{"map-get-none", "t_map_get", flat, "roleArn"},
		{"map-get-nested", "t_map_get", nested, "key"},
		{"scalar-first", "t_json_scalar", flat, "/bucketName"},
		{"scalar-late", "t_json_scalar", flat, "/key"},
		{"scalar-nested", "t_json_scalar", nested, "/instancesSet/items/0/imageId"},
	} {
		f := function(b, c.fn)
		b.Run(c.name, func(b *testing.B) {
			r := Row{}
			for b.Loop() {
				r.S[0], r.S[1] = c.text, c.arg
				if err := f.Eval(&r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPatterns compiles patterns, as is done for each row where they are no constants.
func BenchmarkPatterns(b *testing.B) {
	for _, p := range []string{`[\w.]+`, `^[\w-]+@[\w-]+\.[\w.]+$`, `\p{Alpha}+`, `[a-z]+`, `[[:alpha:]&&[^a]]`} {
		b.Run(p, func(b *testing.B) {
			for b.Loop() {
				if _, err := compilePattern(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
