package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"traillake/lake/digest"
)

const (
	publicKeysUsage = "`FILE` or folder with what 'aws cloudtrail list-public-keys' printed, or aws to ask CloudTrail"
	keysFromAWS     = "aws"
)

// keysFor returns the public keys for digests of these regions that end between two times.
type keysFor func(ctx context.Context, regions []string, from, to time.Time) (*digest.Keys, error)

// publicKeys reads the value of --public-keys.
func (a *app) publicKeys(text string) (keysFor, error) {
	if text == keysFromAWS {
		return a.keysFromAWS, nil
	}
	keys, err := readKeys(text)
	if err != nil {
		return nil, fmt.Errorf("--public-keys: %w", err)
	}
	return func(context.Context, []string, time.Time, time.Time) (*digest.Keys, error) { return keys, nil }, nil
}

// readKeys reads a file of keys, or all files of a folder that end in .json.
func readKeys(path string) (*digest.Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		files = nil
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".json") && !e.IsDir() {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
	}
	keys := &digest.Keys{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		some, err := digest.ParseKeys(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		keys.Merge(some)
	}
	if keys.Len() == 0 {
		return nil, fmt.Errorf("%s: there is no public key in it", path)
	}
	return keys, nil
}

// keysFromAWS asks CloudTrail for the keys of each region.
func (a *app) keysFromAWS(ctx context.Context, regions []string, from, to time.Time) (*digest.Keys, error) {
	client, err := a.openAWS(ctx)
	if err != nil {
		return nil, err
	}
	keys := &digest.Keys{}
	for _, region := range regions {
		list, err := client.PublicKeys(ctx, region, from, to)
		if err != nil {
			return nil, err
		}
		for _, k := range list {
			keys.Add(digest.PublicKey{Fingerprint: k.Fingerprint, Value: k.Value})
		}
	}
	if keys.Len() == 0 {
		return nil, errors.New("CloudTrail has no public keys for this time and these regions")
	}
	return keys, nil
}
