//go:build !seeded_bug

package models

// commit returns the statement that ends the transaction of a batch. In builds for the checker's own test it may be another one
// (docs/checker.md).
func commit() string { return "COMMIT" }
