package lake

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/internal/vfs"
)

var writeOld = flag.Bool("write-old", false, "write a lake of today's layout to testdata/old; only for a new layout")

// oldFolder holds a lake of each layout that there ever was, and want.txt, what is in it.
// A lake there is never written again: what was once written must be read for ever.
const oldFolder = "testdata/old"

// oldLogs have records of every kind: in CloudTrail's form, in another, older ones, with
// every group, and some that cannot be read.
var oldLogs = []string{
	`{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE123:session","arn":"arn:aws:sts::111122223333:assumed-role/admin/session","accountId":"111122223333","accessKeyId":"ASIAEXAMPLEEXAMPLE12","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE123","arn":"arn:aws:iam::111122223333:role/admin","accountId":"111122223333","userName":"admin"},"attributes":{"creationDate":"2023-11-14T09:00:00Z","mfaAuthenticated":"true"}}},"eventTime":"2023-11-14T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"[aws-cli/2.13.0]","requestParameters":{"bucketName":"logs","key":"a\u00e9/b"},"responseElements":null,"additionalEventData":{"bytesTransferredOut":12.50},"requestID":"r1","eventID":"e1","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"logs.s3.eu-west-1.amazonaws.com"}},` +
		`{"eventVersion":"1.08","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2023-11-15T23:59:59Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.1","userAgent":"Mozilla/5.0","errorCode":"Denied","errorMessage":"no \"way\"","requestParameters":null,"responseElements":{"ConsoleLogin":"Failure"},"eventID":"e2","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"},{"eventTime":"never"}]}`,
	`{"Records":[{ "eventTime" : "2023-11-14T11:00:00Z", "eventID":"e3", "unknown": [1, 2.0], "eventVersion":"1.02" },{"eventVersion":"1.00","eventTime":"2013-11-14T11:00:00Z","eventName":"DescribeInstances","requestParameters":{"x":"\ud83d\ude00"}}]}`,
	`no JSON`,
}

// oldLake makes a lake in memory with one of everything that the layout has.
func oldLake(t *testing.T) *vfs.Memory {
	t.Helper()
	m := vfs.NewMemory()
	l, err := memoryLake(t.Context(), m, true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: "Old.Events", RetentionDays: 3653, Region: "eu-west-1", AccountID: "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range oldLogs {
		if _, err := s.Ingest(t.Context(), textSource{fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2023/11/14/%d.json", i): text}, IngestOptions{Workers: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Compact(t.Context(), CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateSettings(t.Context(), func(c *Settings) error {
		c.LegalHold, c.HistoryDays = true, 90
		c.Selectors = `[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]`
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	mustBeWhole(t, l)
	return m
}

// described is what is in a lake, as far as the test looks at it: all values of all rows,
// the ledger, what is in quarantine, settings, commits.
func described(t *testing.T, l *Lake) string {
	t.Helper()
	stores, err := l.Stores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range stores {
		settings, err := s.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "store %s %s %s, %d days, protected %v, hold %v, history %d, selectors %s\n", settings.Name, s.ID(), s.ARN(),
			settings.RetentionDays, settings.TerminationProtection, settings.LegalHold, settings.HistoryDays, settings.Selectors)
		sn, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		files, err := sn.Files(t.Context(), TimeRange{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			fmt.Fprintf(&b, "file of %s, %d rows\n", f.Day, f.Rows)
			for _, rec := range readAll(t, s, strings.TrimPrefix(f.URI, s.st.Root()+"/")) {
				var text bytes.Buffer
				if err := array.RecordToJSON(rec, &text); err != nil {
					t.Fatal(err)
				}
				rows := strings.SplitAfter(text.String(), "\n")
				slices.Sort(rows)
				b.WriteString(strings.Join(rows, ""))
			}
		}
		for o, err := range sn.Objects(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "object %s, %d bytes of %s: %d = %d + %d + %d, %s, sha256 %s, multiset %v\n",
				o.Key, o.Size, o.MTime, o.RowsIn, o.RowsOut, o.Filtered, o.Quarantined, o.Status, o.SHA256, o.Multiset)
		}
		for q, err := range s.Quarantine(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "quarantine %s %d+%d %s\n", q.Key, q.Offset, q.Length, q.Raw)
		}
		history, err := s.History(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range history {
			fmt.Fprintf(&b, "commit %d %s\n", c.Seq, c.Operation)
		}
	}
	return b.String()
}

// TestOldLakes reads, checks and goes on with the lakes of every layout so far.
func TestOldLakes(t *testing.T) {
	if *writeOld {
		writeOldLake(t, filepath.Join(oldFolder, fmt.Sprintf("v%d", layoutVersion)))
	}
	layouts, err := os.ReadDir(oldFolder)
	if err != nil || len(layouts) != layoutVersion {
		t.Fatalf("%d old lakes for %d layouts, error %v", len(layouts), layoutVersion, err)
	}
	for _, v := range layouts {
		t.Run(v.Name(), func(t *testing.T) {
			root := filepath.Join(oldFolder, v.Name())
			l, err := memoryLake(t.Context(), loaded(t, filepath.Join(root, "lake")), false)
			if err != nil {
				t.Fatal(err)
			}
			mustBeWhole(t, l)
			want, err := os.ReadFile(filepath.Join(root, "want.txt"))
			if err != nil {
				t.Fatal(err)
			}
			if got := described(t, l); got != string(want) {
				t.Errorf("the lake holds\n%s\nwant\n%s", got, want)
			}
			s, err := l.Store(t.Context(), "old.events")
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Ingest(t.Context(), textSource{"new": `{"Records":[{"eventTime":"2024-01-01T00:00:00Z","eventID":"new","eventCategory":"Data"},{"eventTime":"2024-01-01T00:00:00Z","eventID":"new"}]}`}, IngestOptions{Workers: 1})
			if err != nil || r.Stored != 1 || r.Filtered != 1 {
				t.Errorf("an ingest gives %+v, error %v", r, err)
			}
			mustBeWhole(t, l)
		})
	}
}

// loaded puts the files of a folder into memory, where lakes of these tests lie.
func loaded(t *testing.T, folder string) *vfs.Memory {
	t.Helper()
	m := vfs.NewMemory()
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		at := path.Join(memoryRoot, filepath.ToSlash(rel))
		if d.IsDir() {
			return m.Mkdir(at)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := m.Create(at)
		if err != nil {
			return err
		}
		if _, err := f.Write(text); err != nil {
			return err
		}
		return f.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func writeOldLake(t *testing.T, root string) {
	t.Helper()
	if _, err := os.Stat(root); err == nil {
		t.Fatalf("%s is there, and is never written again", root)
	}
	m := oldLake(t)
	l, err := memoryLake(t.Context(), m, false)
	if err != nil {
		t.Fatal(err)
	}
	for fi, err := range l.st.List(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		text, err := l.st.Get(t.Context(), fi.Name)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(root, "lake", filepath.FromSlash(fi.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "want.txt"), []byte(described(t, l)), 0o600); err != nil {
		t.Fatal(err)
	}
}
