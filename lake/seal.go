package lake

import (
	"bytes"
	"fmt"
	"strings"
)

// A file of the table's metadata is named by nothing that could hold its hash: it is what
// everything hangs from. So is lake.json. Each holds its own, in a field that counts as
// sixty-four zeros while the hash is computed.

// noSeal is the field while the file is being made.
var noSeal = strings.Repeat("0", 64)

// sealAt returns where the hash lies in JSON.
func sealAt(raw []byte, field string) (int, error) {
	key := []byte(`"` + field + `":"`)
	at := bytes.Index(raw, key) + len(key)
	if at < len(key) || bytes.LastIndex(raw, key)+len(key) != at || at+len(noSeal) > len(raw) {
		return 0, fmt.Errorf("%w: %s is not there once", ErrCorrupt, field)
	}
	return at, nil
}

// seal puts the hash of the bytes into them.
func seal(raw []byte, field string) ([]byte, error) {
	at, err := sealAt(raw, field)
	if err != nil {
		return nil, err
	}
	sealed := bytes.Clone(raw)
	copy(sealed[at:], noSeal)
	copy(sealed[at:], hashOf(sealed))
	return sealed, nil
}

// checkSeal wants the bytes to be as they were sealed.
func checkSeal(raw []byte, field string) error {
	sealed, err := seal(raw, field)
	if err == nil && !bytes.Equal(sealed, raw) {
		err = fmt.Errorf("%w: the file was changed: its sha256 is not what %s says", ErrCorrupt, field)
	}
	return err
}
