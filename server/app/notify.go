package app

import (
	"context"
	"net/http"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd (Type=notify) what the server does. It does nothing where no service manager listens.
func (a *App) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		a.logger.Warn("the service manager cannot be told", "state", state, "err", err)
	}
}

// feedWatchdog tells systemd until ctx ends that the server answers requests. Without WatchdogSec it does nothing. If a request hangs,
// because something is locked for ever, systemd is no longer told, and starts the server again. A database that is away is no reason
// for that, so the request is one that needs none.
func (a *App) feedWatchdog(ctx context.Context) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		a.logger.Warn("the watchdog is off", "err", err)
	}
	if err != nil || interval == 0 {
		return
	}
	ticker := time.NewTicker(interval / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			a.answerOnce(ctx)
			a.notify(daemon.SdNotifyWatchdog)
		}
	}
}

// answerOnce answers a request as if it came from this machine. It does not go over the network: a server whose descriptors are all in
// use by its clients works.
func (a *App) answerOnce(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/healthz", http.NoBody)
	if err != nil {
		panic(err) // the address is right
	}
	request.RemoteAddr = "127.0.0.1:0"
	a.http.Handler.ServeHTTP(discarded{}, request)
}

// discarded is a response that nobody reads.
type discarded struct{}

func (discarded) Header() http.Header            { return http.Header{} }
func (discarded) Write(data []byte) (int, error) { return len(data), nil }
func (discarded) WriteHeader(int)                {}
