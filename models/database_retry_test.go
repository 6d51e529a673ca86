package models

import (
	"strconv"
	"testing"
	"time"
)

// TestAttemptsEndBeforeClientsGiveUp has a line for each way to an answer that takes several attempts, and its longest time.
func TestAttemptsEndBeforeClientsGiveUp(t *testing.T) {
	const longest = 4 * time.Second // clients in use give up after 5
	seconds, err := strconv.Atoi(lockSeconds)
	if err != nil {
		t.Fatal(err)
	}
	lock := time.Duration(seconds) * time.Second
	for name, took := range map[string]time.Duration{
		"a transaction is tried again and its connection is silent": attemptsWithin + statementTimeout,
		"a transaction is tried again and waits for a lock":         attemptsWithin + lock,
		"a batch waits for a class, is tried again, waits for it":   lock + isolatedWithin + lock,
		"the marks of a locked class are committed singly":          2*isolatedWithin + lock + lock,
		"a connection is opened and is silent":                      connectTimeout + statementTimeout,
	} {
		if took > longest {
			t.Errorf("%s: the answer takes up to %v, want %v at most", name, took, longest)
		}
	}
}
