package app

import (
	"context"
	"time"
)

// forgetInterval is how often the server looks whether old sessions are to lose their students today.
const forgetInterval = time.Hour

// forget lets old sessions lose their students, until ctx ends.
func (a *App) forget(ctx context.Context) {
	ticker := time.NewTicker(forgetInterval)
	defer ticker.Stop()
	for {
		count, ran, err := a.store.Forget(ctx, int(a.settings.Retention))
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
