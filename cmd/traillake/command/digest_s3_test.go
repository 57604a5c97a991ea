package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"traillake/bench/gen"
	"traillake/internal/s3test"
	"traillake/lake"
	"traillake/lake/digest"
	"traillake/lake/digest/custody"
)

// fakeCloudTrail answers ListPublicKeys, the one request that validate-logs makes of
// CloudTrail when it is told the bucket.
func fakeCloudTrail(t *testing.T, keysFile string) string {
	t.Helper()
	text, err := os.ReadFile(keysFile)
	if err != nil {
		t.Fatal(err)
	}
	var keys struct{ PublicKeyList []map[string]any }
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys.PublicKeyList { // the API's times are numbers
		k["ValidityStartTime"], k["ValidityEndTime"] = 1, 4e9
	}
	reply, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") {
			http.Error(w, `{"__type":"UnsupportedOperationException"}`, http.StatusBadRequest)
			return
		}
		_, _ = w.Write(reply) // the client says what is wrong
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// upload puts a set into a bucket of the name that its digests say, each digest with the
// metadata of its sidecar.
func upload(t *testing.T, server *s3test.Server, dir string) {
	t.Helper()
	client := server.Client()
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(gen.DigestBucket)}); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Join(dir, "AWSLogs"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, digest.SidecarSuffix) {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in := &s3.PutObjectInput{Bucket: aws.String(gen.DigestBucket), Key: aws.String(filepath.ToSlash(rel)), Body: bytes.NewReader(body)}
		if side, err := os.ReadFile(path + digest.SidecarSuffix); err == nil {
			if in.Metadata, err = digest.ParseSidecar(side); err != nil {
				return err
			}
		}
		_, err = client.PutObject(t.Context(), in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDigestsS3 wants a bucket to give the findings of a folder, and validate-logs of the AWS
// CLI to say the same of each file, word for word.
func TestDigestsS3(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	c := gen.DefaultConfig()
	c.Records, c.Days, c.Accounts, c.Regions, c.GlobalCopies = 1500, 1, 1, 1, false
	// A broken chain is left out: validate-logs does not look for it.
	c.Digests, c.DigestFaults = true, strings.Join([]string{gen.FaultModifiedLog, gen.FaultDeletedLog, gen.FaultMissingDigest, gen.FaultWrongKey, gen.FaultForgedSignature}, ",")
	dir := t.TempDir() + "/logs"
	truth, err := gen.Write(t.Context(), dir, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	upload(t, server, dir)
	t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", fakeCloudTrail(t, filepath.Join(dir, gen.PublicKeysFile)))

	verify := func(args ...string) custody.Report {
		t.Helper()
		a, out, errOut := newTestApp(t, nil)
		if code := a.run(t.Context(), append([]string{"digest", "verify", "--json"}, args...)); code != ExitFindings {
			t.Fatalf("exit code %d: %s", code, errOut)
		}
		var r custody.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	lines := func(r custody.Report) string {
		var list []string
		for _, f := range r.Findings {
			list = append(list, f.Line())
		}
		slices.Sort(list)
		return strings.Join(list, "\n")
	}
	folder := verify(dir, "--public-keys", filepath.Join(dir, gen.PublicKeysFile))
	bucket := verify("s3://"+gen.DigestBucket+"/", "--public-keys", "aws")
	if len(folder.Findings) != len(truth.Digests.Faults) || lines(folder) != lines(bucket) {
		t.Errorf("the folder gives\n%s\nthe bucket\n%s", lines(folder), lines(bucket))
	}
	if folder.Digests != bucket.Digests || folder.Logs != bucket.Logs {
		t.Errorf("the folder has digests %+v, logs %+v, the bucket %+v, %+v", folder.Digests, folder.Logs, bucket.Digests, bucket.Logs)
	}

	// An ingest of the bucket finds what was changed and what is gone, and the next one nothing new.
	lakeDir := t.TempDir()
	for _, want := range []lake.IngestResult{{LogsMissing: 1, ObjectsMismatched: 1}, {}} {
		a, out, errOut := newTestApp(t, nil)
		a.run(t.Context(), []string{"ingest", "--json", "--lake", lakeDir, "s3://" + gen.DigestBucket + "/", "--verify-digests", "check", "--public-keys", "aws"})
		var r lake.IngestResult
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%v: %s", err, errOut)
		}
		if r.LogsMissing != want.LogsMissing || r.ObjectsMismatched != want.ObjectsMismatched || r.ObjectsListed == 0 || r.ObjectsFailed > 0 {
			t.Errorf("%d logs are missing, %d changed, of %+v; want %d, %d", r.LogsMissing, r.ObjectsMismatched, r, want.LogsMissing, want.ObjectsMismatched)
		}
	}

	t.Run("AWS CLI", func(t *testing.T) {
		cli, err := exec.LookPath("aws")
		if err != nil {
			t.Log("NOT TESTED against the AWS CLI: it is not installed ('aws' is not in PATH)")
			return
		}
		trail := bucket.Trails[0]
		cmd := exec.CommandContext(t.Context(), cli, "cloudtrail", "validate-logs", "--verbose", "--region", "us-east-1", "--s3-bucket", gen.DigestBucket,
			"--trail-arn", fmt.Sprintf("arn:aws:cloudtrail:us-east-1:%s:trail/%s", trail.Account, trail.Name),
			"--start-time", "2026-09-30T00:00:00Z", "--end-time", "2026-10-10T00:00:00Z")
		// An empty profile is one that cannot be found.
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return v == "AWS_PROFILE=" })
		var out, errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errOut
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
			t.Fatalf("validate-logs ends with %v\n%s%s", err, &out, &errOut)
		}
		var invalid []string
		for line := range strings.Lines(errOut.String()) {
			if strings.Contains(line, "INVALID") {
				invalid = append(invalid, strings.TrimSpace(line))
			}
		}
		slices.Sort(invalid)
		if got := strings.Join(invalid, "\n"); got != lines(bucket) {
			t.Errorf("validate-logs says\n%s\ndigest verify says\n%s", got, lines(bucket))
		}
		// Logs of digests that are not valid are not counted there.
		for _, want := range []string{
			fmt.Sprintf("%d/%d digest files valid, %d/%[2]d digest files INVALID", bucket.Digests.Valid, bucket.Digests.Valid+bucket.Digests.Invalid, bucket.Digests.Invalid),
			fmt.Sprintf("%d/%d log files valid, %d/%[2]d log files INVALID", bucket.Logs.Valid, bucket.Logs.Valid+bucket.Logs.Invalid, bucket.Logs.Invalid),
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing from\n%s", want, &out)
			}
		}
	})
}
