package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"traillake/lake"
)

// FuzzTables wants no panic, and no path that leads out, whatever a table holds.
func FuzzTables(f *testing.F) {
	head := strings.Join(fileColumns, ",") + "\n"
	f.Add([]byte(head + "data,eds/a/data/x.parquet,1," + strings.Repeat("a", 64) + ",1\n"))
	f.Add([]byte(head + "data,\"../x\",1," + strings.Repeat("a", 64) + ",1\n"))
	f.Add([]byte(head + "data,..0,0," + strings.Repeat("0", 64) + ",0\n")) // leads nowhere
	f.Add([]byte(strings.Join(objectColumns, ",") + "\nevents,b,k,,,,1," + strings.Repeat("0", 64) + ",1,,1,1,0,0,ok,1,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		seen := map[string]bool{}
		_ = readFiles(bytes.NewReader(text), func(f lake.StoredFile) error {
			if seen[f.Path] || !filepath.IsLocal(f.Path) || !strings.HasPrefix(filepath.Join("/lake", f.Path), "/lake/") || f.Size < 0 || !lake.ValidSHA256(f.SHA256) {
				t.Errorf("it lists %+v", f)
			}
			seen[f.Path] = true
			return nil
		})
		cat := &catalogue{first: make(map[[16]byte]int32)}
		_ = readObjects(bytes.NewReader(text), func(o object) error {
			if o.key == "" {
				t.Errorf("it lists %+v", o)
			}
			return cat.add(o)
		})
		for range cat.entries {
			cat.take("k", strings.Repeat("0", 64))
		}
	})
}

// FuzzChain wants no panic, and commit records that were changed never to be those that a
// statement names.
func FuzzChain(f *testing.F) {
	var good []byte
	s := Store{ID: "s", Commit: 2}
	for seq := range int64(3) {
		r := lake.CommitRecord{V: 1, Store: s.ID, Seq: seq, Operation: lake.OpCompact, Added: []lake.FileRecord{{Path: strings.Repeat("a", int(seq)+1), Size: 1}}}
		if seq > 0 {
			r.Prev, r.Removed = "audit/x.json#"+s.Heads.Commit.SHA256, []lake.FileRecord{{Path: strings.Repeat("a", int(seq))}}
		}
		line := append(must(json.Marshal(r)), '\n')
		good = append(good, line...)
		sum := sha256.Sum256(line)
		s.Heads.Commit.SHA256 = hex.EncodeToString(sum[:])
	}
	if live, n, err := readChain(bytes.NewReader(good), s); err != nil || n != 3 || len(live) != 1 {
		f.Fatalf("%v, %d, %v", live, n, err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("{}\n{\"seq\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, _, err := readChain(bytes.NewReader(text), s); err == nil && !bytes.Equal(text, good) {
			t.Errorf("other commit records are believed:\n%s", text)
		}
	})
}

// FuzzStatement wants no panic, and no commit records outside of the folder.
func FuzzStatement(f *testing.F) {
	f.Add([]byte(`{"schema":"` + Schema + `","stores":[{"id":"x","audit":"audit/x.jsonl"}]}`))
	f.Add([]byte(`{"schema":"` + Schema + `","stores":[{"id":"../x","audit":"audit/../x.jsonl"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		st, err := parseStatement(text)
		if err != nil {
			return
		}
		for _, s := range st.Stores {
			if !filepath.IsLocal(s.Audit) {
				t.Errorf("it names %q", s.Audit)
			}
		}
	})
}
