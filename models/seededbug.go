//go:build seeded_bug

package models

import (
	"os"
	"sync/atomic"
)

// commitsUntilUnstored is after how many batches one is not stored, but acknowledged.
const commitsUntilUnstored = 40

var batchesCommitted atomic.Int64

// commit returns ROLLBACK now and then where SEEDED_BUG says so.
func commit() string {
	if os.Getenv("SEEDED_BUG") == "unstored" && batchesCommitted.Add(1)%commitsUntilUnstored == 0 {
		return rollback
	}
	return "COMMIT"
}
