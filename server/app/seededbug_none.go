//go:build !seeded_bug

package app

import "github.com/neuracampus/attendance/handlers"

// seeded returns the rooms as they are. In builds for the checker's own test they have a seeded bug (docs/checker.md).
func seeded(rooms rooms) handlers.Rooms { return rooms }
