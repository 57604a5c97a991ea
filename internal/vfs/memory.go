package vfs

import (
	"bytes"
	"io"
	"io/fs"
	"iter"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a file system in memory that knows what a disk would still hold after a loss
// of power. Names are absolute, with slashes; the root is there from the start.
//
// It keeps no access rights: a file of mode 0444 can be replaced and removed, as it can be
// on a disk.
type Memory struct {
	mu   sync.Mutex // guards everything below root, too
	root *node
}

var _ FS = (*Memory)(nil)

// node is a file or a folder.
type node struct {
	mode    fs.FileMode
	changed time.Time

	// Of a file: what it holds, and up to where that is durable. It only ever grows.
	data   []byte
	synced int
	lost   []span // what failed syncs have lost of data[:synced]

	// Of a folder: the names in it, and those that are durable.
	names   map[string]*node // nil for files
	durable map[string]*node
	stuck   map[string]bool // names whose change a failed sync has lost
}

// span is a stretch of a file.
type span struct{ from, to int }

// changedNames yields the names in a folder that a sync is to make durable.
func (n *node) changedNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		all := maps.Clone(n.durable)
		maps.Copy(all, n.names)
		for base := range all {
			if n.names[base] != n.durable[base] && !n.stuck[base] && !yield(base) {
				return
			}
		}
	}
}

func newFolder() *node {
	return &node{
		mode: fs.ModeDir | 0o700, changed: time.Now(),
		names: make(map[string]*node), durable: make(map[string]*node), stuck: make(map[string]bool),
	}
}

// NewMemory returns an empty file system.
func NewMemory() *Memory { return &Memory{root: newFolder()} }

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// find returns the file or folder of a name. The caller holds mu.
func (m *Memory) find(op, name string) (*node, error) {
	n := m.root
	for part := range strings.SplitSeq(strings.Trim(path.Clean(name), "/"), "/") {
		if part == "" {
			continue
		}
		next := n.names[part]
		if next == nil {
			return nil, pathError(op, name, fs.ErrNotExist)
		}
		n = next
	}
	return n, nil
}

// folder returns the folder that holds a name. The caller holds mu.
func (m *Memory) folder(op, name string) (*node, string, error) {
	dir, base := path.Split(path.Clean(name))
	d, err := m.find(op, dir)
	if err != nil {
		return nil, "", err
	}
	if d.names == nil || base == "" {
		return nil, "", pathError(op, name, fs.ErrInvalid)
	}
	return d, base, nil
}

// put enters a node under a name that must be new.
func (m *Memory) put(op, name string, n *node) error {
	d, base, err := m.folder(op, name)
	if err != nil {
		return err
	}
	if d.names[base] != nil {
		return pathError(op, name, fs.ErrExist)
	}
	d.names[base] = n
	return nil
}

// Create implements FS.
func (m *Memory) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := &node{mode: 0o600, changed: time.Now()}
	if err := m.put("create", name, n); err != nil {
		return nil, err
	}
	return &memoryFile{m: m, n: n, name: name, writes: true}, nil
}

// Open implements FS.
func (m *Memory) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("open", name)
	if err != nil {
		return nil, err
	}
	return &memoryFile{m: m, n: n, name: name}, nil
}

// Link implements FS.
func (m *Memory) Link(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("link", oldName)
	if err != nil {
		return err
	}
	return m.put("link", newName, n)
}

// Rename implements FS.
func (m *Memory) Rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("rename", oldName)
	if err != nil {
		return err
	}
	from, oldBase, err := m.folder("rename", oldName)
	if err != nil {
		return err
	}
	to, newBase, err := m.folder("rename", newName)
	if err != nil {
		return err
	}
	delete(from.names, oldBase)
	to.names[newBase] = n
	return nil
}

// Remove implements FS.
func (m *Memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("remove", name)
	if err != nil {
		return err
	}
	if len(n.names) > 0 {
		return pathError("remove", name, fs.ErrInvalid)
	}
	d, base, err := m.folder("remove", name)
	if err != nil {
		return err
	}
	delete(d.names, base)
	return nil
}

// Mkdir implements FS.
func (m *Memory) Mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.put("mkdir", name, newFolder())
}

// ReadDir implements FS.
func (m *Memory) ReadDir(name string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if d.names == nil {
		return nil, pathError("readdir", name, fs.ErrInvalid)
	}
	entries := make([]fs.DirEntry, 0, len(d.names))
	for _, base := range slices.Sorted(maps.Keys(d.names)) {
		entries = append(entries, fs.FileInfoToDirEntry(d.names[base].info(base)))
	}
	return entries, nil
}

// Stat implements FS.
func (m *Memory) Stat(name string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n.info(path.Base(name)), nil
}

// Flip changes one bit of a file, as a bad disk does: durably, and nothing tells.
func (m *Memory) Flip(name string, offset int, bit uint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find("flip", name)
	if err != nil {
		return err
	}
	if offset >= len(n.data) {
		return pathError("flip", name, io.ErrUnexpectedEOF)
	}
	n.data = slices.Clone(n.data) // Clone shares it
	n.data[offset] ^= 1 << (bit % 8)
	return nil
}

// sector is the piece of a file that a disk writes whole or not at all.
const sector = 512

// Crash returns the file system as it may be found after a loss of power at this moment.
// What was synced is there. Of the rest, r chooses what is: of each changed name the old
// state or the new, of each file a length and which sectors up to there hold what was
// written, the others zeros. Without r nothing of the rest is there. The receiver stays
// as it is.
func (m *Memory) Crash(r *rand.Rand) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{root: m.root.crash(r, make(map[*node]*node))}
}

// Clone returns a file system that holds the same, all of it durable.
func (m *Memory) Clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{root: m.root.clone(make(map[*node]*node))}
}

// Same reports whether both hold the same, now and after a loss of power.
func (m *Memory) Same(other *Memory) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	other.mu.Lock()
	defer other.mu.Unlock()
	return m.root.same(other.root)
}

func (n *node) same(o *node) bool {
	if n == nil || o == nil || n.names == nil || o.names == nil {
		return n == o || n != nil && o != nil && n.names == nil && o.names == nil && n.mode == o.mode &&
			n.synced == o.synced && bytes.Equal(n.data, o.data) && slices.Equal(n.lost, o.lost)
	}
	return maps.EqualFunc(n.names, o.names, (*node).same) && maps.EqualFunc(n.durable, o.durable, (*node).same) && maps.Equal(n.stuck, o.stuck)
}

func (n *node) clone(done map[*node]*node) *node {
	if c := done[n]; c != nil {
		return c // a file with two names
	}
	if n.names == nil {
		// Files only grow, and what is cut off here is copied before it does.
		c := &node{mode: n.mode, changed: n.changed, data: n.data[:len(n.data):len(n.data)], synced: len(n.data)}
		done[n] = c
		return c
	}
	c := newFolder()
	c.changed = n.changed
	done[n] = c
	for base, child := range n.names {
		kept := child.clone(done)
		c.names[base], c.durable[base] = kept, kept
	}
	return c
}

func (n *node) crash(r *rand.Rand, done map[*node]*node) *node {
	if c := done[n]; c != nil {
		return c // a file with two names
	}
	if n.names == nil {
		c := &node{mode: n.mode, changed: n.changed, data: n.crashData(r)}
		c.synced = len(c.data)
		done[n] = c
		return c
	}
	c := newFolder()
	c.changed = n.changed
	done[n] = c
	all := maps.Clone(n.durable)
	maps.Copy(all, n.names)
	for _, base := range slices.Sorted(maps.Keys(all)) {
		left := n.durable[base]
		if now := n.names[base]; now != left && r != nil && !n.stuck[base] && r.IntN(2) == 0 {
			left = now
		}
		if left != nil {
			kept := left.crash(r, done)
			c.names[base], c.durable[base] = kept, kept
		}
	}
	return c
}

func (n *node) crashData(r *rand.Rand) []byte {
	end := n.synced
	if r != nil && len(n.data) > end {
		end += r.IntN(len(n.data) - end + 1)
	}
	data := slices.Clone(n.data[:end])
	for _, s := range n.lost {
		clear(data[s.from:min(s.to, end)])
	}
	for at := n.synced; at < end; at = (at/sector + 1) * sector {
		if r.IntN(2) == 0 {
			clear(data[at:min((at/sector+1)*sector, end)])
		}
	}
	return data
}

func (n *node) info(base string) fs.FileInfo {
	return memoryInfo{base, int64(len(n.data)), n.mode, n.changed}
}

type memoryInfo struct {
	name    string
	size    int64
	mode    fs.FileMode
	changed time.Time
}

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) Mode() fs.FileMode  { return i.mode }
func (i memoryInfo) ModTime() time.Time { return i.changed }
func (i memoryInfo) IsDir() bool        { return i.mode.IsDir() }
func (i memoryInfo) Sys() any           { return nil }
