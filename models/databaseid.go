package models

import (
	"context"
	"crypto/rand"
)

// DatabaseID returns a random text that is the same for all servers on this database, and no other's.
func (s *Store) DatabaseID(ctx context.Context) (id string, err error) {
	const name = "database_id"
	// Of several servers that start together, the first makes it.
	insert := "INSERT INTO properties (name, value) VALUES (?, ?)" + s.on.conflict("name") + "value = properties.value"
	err = s.retry(ctx, attemptsWithin, func() error {
		db := s.db.WithContext(ctx)
		if err := db.Exec(insert, name, rand.Text()).Error; err != nil {
			return err
		}
		return db.Raw("SELECT value FROM properties WHERE name = ?", name).Scan(&id).Error
	})
	return id, s.failure(ctx, "identify the database", err)
}
