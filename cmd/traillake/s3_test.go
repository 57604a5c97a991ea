package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"traillake/internal/s3test"
	"traillake/internal/sqstest"
)

// TestS3Scripts runs testdata/s3, the scripts that need a bucket ($BUCKET) and a queue
// ($QUEUE). Beside the commands of testscript, they have
//
//	upload DIR                  puts the files of a folder into the bucket
//	notify KEY…                 puts S3's message about each key into the queue
//	message TEXT                puts a message into the queue
//	drained                     waits until the queue has no message
//	eventually PATTERN PROG…    runs a program until its output matches
func TestS3Scripts(t *testing.T) {
	srv := s3test.Shared(t)
	p := testscript.Params{
		Dir:                 filepath.Join("testdata", "s3"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TRAILLAKE_LAKE", filepath.Join(e.WorkDir, "lake"))
			e.Setenv("TMPDIR", e.Getenv("TMPDIR"))
			for _, v := range srv.Env() {
				name, value, _ := strings.Cut(v, "=")
				e.Setenv(name, value)
			}
			tb := e.T().(testing.TB)
			queue := sqstest.New(tb, time.Now())
			e.Setenv("BUCKET", srv.Bucket(tb))
			e.Setenv("QUEUE", queue.URL)
			e.Values["place"] = &place{srv, queue, tb}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"gzip": compress, "upload": upload, "notify": notify, "message": message, "drained": drained, "eventually": eventually,
		},
		UpdateScripts: os.Getenv("TRAILLAKE_UPDATE_SCRIPTS") != "",
	}
	if testing.Short() { // as in TestScripts
		p.Dir, p.Files = "", []string{filepath.Join("testdata", "s3", "queue.txtar")}
	}
	testscript.Run(t, p)
}

// place is what a script has of AWS.
type place struct {
	srv   *s3test.Server
	queue *sqstest.Server
	tb    testing.TB
}

func placeOf(ts *testscript.TestScript) *place { return ts.Value("place").(*place) }

func upload(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: upload DIR")
	}
	root := ts.MkAbs(args[0])
	objects := make(map[string]string)
	ts.Check(filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		key, err := filepath.Rel(root, path)
		objects[filepath.ToSlash(key)] = ts.ReadFile(path)
		return err
	}))
	p := placeOf(ts)
	p.srv.Put(p.tb, ts.Getenv("BUCKET"), objects)
}

func notify(ts *testscript.TestScript, _ bool, args []string) {
	p := placeOf(ts)
	for _, key := range args {
		// Without ETag and size the object is asked for.
		p.queue.Send(fmt.Sprintf(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}]}`,
			ts.Getenv("BUCKET"), url.QueryEscape(key)))
	}
}

func message(ts *testscript.TestScript, _ bool, args []string) { placeOf(ts).queue.Send(args...) }

// longest is how long a script waits for something.
const longest = 30 * time.Second

func drained(ts *testscript.TestScript, _ bool, _ []string) {
	p := placeOf(ts)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(longest); p.queue.Len() > 0; {
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("%d messages are left", p.queue.Len())
		}
	}
}

func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN PROG…")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	for deadline := time.Now().Add(longest); ; {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v never gave %s (%v)", args[1:], args[0], err)
		}
	}
}
