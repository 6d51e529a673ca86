package app

import (
	"context"
	"time"
)

// retentionInterval is how often the server looks whether old sessions are to lose their students today.
const retentionInterval = time.Hour

// applyRetention lets old sessions lose their students, until ctx ends.
func (a *App) applyRetention(ctx context.Context) {
	ticker := time.NewTicker(retentionInterval)
	defer ticker.Stop()
	for {
		count, ran, err := a.store.ApplyRetention(ctx, int(a.settings.Retention))
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.logger.ErrorContext(ctx, "not all old sessions have lost their students; the rest is done tomorrow", "err", err)
		case ran:
			a.logger.InfoContext(ctx, "old sessions have lost their students", "before", count.Before, "sessions", count.Sessions, "marks", count.Marks)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
