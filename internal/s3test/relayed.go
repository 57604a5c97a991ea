package s3test

import (
	"testing"

	"traillake/internal/s3test/relay"
)

// Relayed is a bucket of the shared server, behind a relay of the test's own.
type Relayed struct {
	*relay.Relay
	// Server is what the relay stands in front of.
	Server *Server
	// Bucket is the name of a new bucket.
	Bucket string
}

// NewRelayed makes a bucket and starts a relay, which ends with the test. The environment
// of the test has the server's credentials; clients take the relay's URL.
func NewRelayed(t testing.TB) *Relayed {
	t.Helper()
	server := Shared(t)
	server.Setenv(t)
	r, err := relay.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return &Relayed{r, server, server.Bucket(t)}
}
