//go:build unix

package command

import (
	"context"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"traillake/internal/awsclient"
	"traillake/internal/s3test"
	"traillake/internal/s3test/relay"
	"traillake/lake"
	"traillake/lake/s3"
)

var crashS3Rounds = flag.Int("crash.s3rounds", 5, "how many rounds TestCrashS3 makes")

// crashPlaceEnv tells the processes of TestCrashS3 where the lake is.
const crashPlaceEnv = "TRAILLAKE_TEST_CRASH_LAKE"

// openCrashStorage reaches a lake on S3 by the environment. The cache is small, so that
// processes evict what others read.
func openCrashStorage(ctx context.Context, uri, root string) (lake.Storage, error) {
	return s3.Open(ctx, uri, s3.Options{
		Access: awsclient.Options{PathStyle: true}, CacheDir: filepath.Join(root, "cache"), CacheBytes: 256 << 10,
	})
}

// TestCrashS3 is TestCrash with a lake in a bucket, and with replies that are lost, cut,
// refused or come of requests that were sent twice: F16, F17, F19, F20 at random.
func TestCrashS3(t *testing.T) {
	r := s3test.NewRelayed(t)
	t.Setenv("AWS_ENDPOINT_URL_S3", r.URL())
	seed := uint64(time.Now().UnixNano())
	t.Logf("the relay's seed is %d", seed)
	begin := func() {
		t.Setenv(crashPlaceEnv, "s3://"+r.Server.Bucket(t)+"/lake")
		r.Reset()
		seed++
		r.Randomly(seed, 0.01, relay.LoseReply, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutRequest, relay.CutReply, relay.ShortReply, relay.Duplicate)
	}
	crash(t, *crashS3Rounds, begin, r.Reset)
}
