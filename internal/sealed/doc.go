// Package sealed writes and checks folders whose files a manifest lists with their SHA-256,
// and whose manifest is signed: reports, and statements on lakes.
//
// The manifest is the file ManifestName. Beside the list of files it holds what its package
// likes. Whoever has the public key and sha256sum can check such a folder without us.
package sealed
