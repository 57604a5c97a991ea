package source

import (
	"strings"
	"testing"
)

func TestLogName(t *testing.T) {
	const name = "111111111111_CloudTrail_us-east-1_20260101T0005Z_abcdefghijklmnop"
	for key, want := range map[string]string{
		"AWSLogs/x/" + name + ".json.gz": name, "/a/" + name + ".json": name, name: name,
		"111111111111_CloudTrail-Insight_us-east-1_20260101T0005Z_abcdefghijklmnop.json.gz": "111111111111_CloudTrail-Insight_us-east-1_20260101T0005Z_abcdefghijklmnop",
		name + "/a.json": "", "a" + name + ".json": "", name[1:] + ".json": "", strings.Replace(name, "_abc", "_", 1): "", strings.Replace(name, "Trail", "trail", 1): "", "": "", "/": "",
	} {
		if got, ok := LogName(key); got != want && ok || ok != (want != "") {
			t.Errorf("%q has the name %q, %v; want %q", key, got, ok, want)
		}
	}
}
