// Package folder writes reports as folders: the report in several forms, and a manifest
// with the SHA-256 of every file.
//
// Write runs a pack and leaves its folder, whole or not at all. The same pack over the
// same snapshot and period gives the same bytes in every file, so nothing of the clock,
// the machine or the place where the folder lies is in them.
package folder
