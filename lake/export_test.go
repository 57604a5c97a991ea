package lake

// Below returns the part of a storage below a folder.
func Below(st Storage, dir string) Storage { return subStorage{Storage: st, dir: dir} }
