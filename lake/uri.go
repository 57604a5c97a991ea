package lake

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// nameOf returns the name of a file below the root that a URI means.
func nameOf(root, uri string) (string, error) {
	r, err := url.Parse(root)
	if err != nil {
		return "", fmt.Errorf("parse root %s: %w", root, err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("%w: parse file URI: %w", ErrCorrupt, err)
	}
	name, ok := strings.CutPrefix(u.Path, r.Path+"/")
	if !ok || u.Scheme != r.Scheme || u.Host != r.Host || u.RawQuery != "" || u.Fragment != "" || path.Clean("/"+name) != "/"+name {
		return "", fmt.Errorf("%w: file %s lies outside %s", ErrCorrupt, uri, root)
	}
	return name, nil
}

// uriOf returns the URI of a file below the root. Our own names need no escapes.
func uriOf(root, name string) string { return root + "/" + name }
