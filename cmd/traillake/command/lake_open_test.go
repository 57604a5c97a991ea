package command

import (
	"net"
	"strings"
	"testing"
)

// TestTimeoutOfOpening has a lake on a server that takes connections and says nothing.
func TestTimeoutOfOpening(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": "http://" + ln.Addr().String(), "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	a, _, stderr := newTestApp(t, nil)
	for _, args := range [][]string{{"query", "SELECT 1"}, {"queries", "run", "root-use"}, {"report", "run", "root-use"}} {
		stderr.Reset()
		args = append(args, "--timeout", "100ms", "--path-style", "--lake", "s3://bucket/lake")
		if code := a.run(t.Context(), args); code != ExitFailed || !strings.Contains(stderr.String(), "timed out after 100ms, while the lake was opened") {
			t.Errorf("%q ends with %d: %s", args, code, stderr)
		}
	}
}
