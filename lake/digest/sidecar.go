package digest

import (
	"encoding/json"
	"fmt"
)

// SidecarSuffix ends the name of the file that keeps the metadata of a digest file beside
// it, on a disk. It holds what "aws s3api head-object" prints of the object; of that, the
// member Metadata counts.
const SidecarSuffix = ".metadata.json"

// ParseSidecar returns the user-defined metadata in a sidecar, never nil. The error is an *Invalid.
func ParseSidecar(text []byte) (map[string]string, error) {
	if metadata, ok := cutMetadata(text); ok {
		return metadata, nil
	}
	return parseSidecar(text)
}

// parseSidecar is ParseSidecar for any text, and slow.
func parseSidecar(text []byte) (map[string]string, error) {
	var head struct{ Metadata map[string]string }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, &Invalid{Reason: InvalidFormat, Err: fmt.Errorf("read metadata of a digest: %w; give what 'aws s3api head-object' prints", err)}
	}
	if head.Metadata == nil {
		head.Metadata = map[string]string{}
	}
	return head.Metadata, nil
}

// EncodeSidecar returns a sidecar with the signature of a digest.
func EncodeSidecar(signature string) []byte {
	head := struct{ Metadata map[string]string }{map[string]string{MetaSignature: signature, MetaAlgorithm: signatureAlgorithm}}
	text, err := json.MarshalIndent(head, "", "    ")
	if err != nil {
		panic("BUG: " + err.Error()) // texts in a map
	}
	return append(text, '\n')
}
