// Package s3test runs a real S3 server for tests: versitygw, as a process of its own on
// a loopback port, over a temporary folder.
//
// Start with Shared. The server is built from the module cache the first time that a
// test asks for it, which takes a minute or two. Where it cannot be built, tests that
// need it are skipped and say why; with TRAILLAKE_REQUIRE_S3=1 they fail.
package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// requireVariable makes it an error that there is no server.
const requireVariable = "TRAILLAKE_REQUIRE_S3"

// Region is that of the server.
const Region = "us-east-1"

// Server is a running S3 server. Its data are gone when it ends.
type Server struct {
	// URL is its endpoint, such as http://127.0.0.1:34567. Buckets go into the path.
	URL string
	// AccessKey and SecretKey are those of its one user.
	AccessKey, SecretKey string

	dir string
	// life keeps the server alive: it ends when this end of the pipe is closed, be it
	// by the death of the process.
	life *os.File
}

var shared = sync.OnceValues(start)

// Shared returns the server of the test binary, which is started for the first test
// that asks and ends with the binary. Tests keep apart by their buckets.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		if os.Getenv(requireVariable) != "" {
			t.Fatalf("no S3 server, but %s is set: %v", requireVariable, err)
		}
		t.Skipf("NOT TESTED against S3: there is no server: %v", err)
	}
	return s
}

// Start starts a server for this test alone and ends it with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	Shared(t) // says why there is none
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.life.Close() })
	return s
}

// script runs the server until its standard input ends, and removes the folder.
const script = `"$@" & server=$!
read -r line
kill -9 $server
wait $server
rm -rf "$TRAILLAKE_S3_DIR"`

// maxStarts is how many ports are tried.
const maxStarts = 5

func start() (*Server, error) {
	program, err := build()
	if err != nil {
		return nil, err
	}
	for range maxStarts {
		var s *Server
		if s, err = startOn(program); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// startOn starts the server on a port that was free a moment ago.
func startOn(program string) (_ *Server, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	dir, err := os.MkdirTemp("", "traillake-s3-*")
	if err != nil {
		return nil, fmt.Errorf("start versitygw: %w", err)
	}
	s := &Server{URL: "http://" + addr, AccessKey: "test" + rand.Text()[:8], SecretKey: rand.Text(), dir: dir}
	args := []string{"-c", script, "sh", program, "--port", addr, "--region", Region, "--keep-alive", "--quiet", "--health", "/" + s.AccessKey,
		"posix", "--sidecar", filepath.Join(dir, "meta"), "--versioning-dir", filepath.Join(dir, "versions"), filepath.Join(dir, "data")}
	for _, name := range []string{"meta", "versions", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("start versitygw: %w", err), os.RemoveAll(dir))
		}
	}
	read, life, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start versitygw: %w", err), os.RemoveAll(dir))
	}
	s.life = life
	defer read.Close()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start versitygw: %w", err), life.Close(), os.RemoveAll(dir))
	}
	defer log.Close()
	cmd := exec.Command("/bin/sh", args...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+s.AccessKey, "ROOT_SECRET_ACCESS_KEY="+s.SecretKey, "TRAILLAKE_S3_DIR="+dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = read, log, log
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start versitygw: %w", err), life.Close(), os.RemoveAll(dir))
	}
	if err := cmd.Process.Release(); err != nil {
		return nil, errors.Join(fmt.Errorf("start versitygw: %w", err), life.Close())
	}
	if err := s.ready(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, text), life.Close())
	}
	return s, nil
}

// startTime is how long a server may take to answer on a busy machine.
const startTime = 20 * time.Second

// ready waits until the server answers at a path that no other server knows.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	client := http.Client{Transport: transport}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/"+s.AccessKey, nil)
		if err != nil {
			return err
		}
		reply, err := client.Do(req)
		if err == nil {
			err = fmt.Errorf("status %s", reply.Status)
			reply.Body.Close()
			if reply.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("start versitygw at %s: %w", s.URL, err)
		case <-tick.C:
		}
	}
}

// Client returns a client of the server, as test code uses it beside the code that is
// tested.
func (s *Server) Client() *s3.Client {
	return s3.New(s3.Options{
		Region: Region, BaseEndpoint: aws.String(s.URL), UsePathStyle: true,
		Credentials:                credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
}

// Env returns the environment, as name=value, in which the SDK reaches the server
// without further flags, and nothing else.
func (s *Server) Env() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + s.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s.SecretKey, "AWS_SESSION_TOKEN=",
		"AWS_REGION=" + Region, "AWS_ENDPOINT_URL_S3=" + s.URL, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_PROFILE=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent",
	}
}

// Setenv sets Env for the test.
func (s *Server) Setenv(t testing.TB) {
	t.Helper()
	for _, v := range s.Env() {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}

var notInBuckets = regexp.MustCompile(`[^a-z0-9]+`)

// Bucket makes a new bucket with a name that is like the test's.
func (s *Server) Bucket(t testing.TB) string {
	t.Helper()
	name := strings.Trim(notInBuckets.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	name = name[:min(len(name), 40)] + "-" + strings.ToLower(rand.Text()[:10])
	if _, err := s.Client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
	return name
}

// Versioned makes the bucket keep versions.
func (s *Server) Versioned(t testing.TB, bucket string) {
	t.Helper()
	_, err := s.Client().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String(bucket), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Put writes objects, by key, into the bucket.
func (s *Server) Put(t testing.TB, bucket string, objects map[string]string) {
	t.Helper()
	client := s.Client()
	for key, text := range objects {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader(text)}); err != nil {
			t.Fatal(err)
		}
	}
}
