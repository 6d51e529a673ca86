// Package app puts the attendance server together from its parts, and starts and stops it.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/descriptor"
	"github.com/neuracampus/attendance/server/identity"
	"github.com/neuracampus/attendance/server/sockets"
)

// App is one server: its store, its sockets and its HTTP listener.
type App struct {
	settings config.Config
	logger   *slog.Logger

	store    *models.Store
	hub      *sockets.Hub
	handlers *handlers.Handlers
	verifier *identity.Verifier // nil in open mode

	listener net.Listener
	http     *http.Server
	draining atomic.Bool
	unknown  atomic.Int64 // events without a handler
	release  context.CancelFunc
}

// New opens the store and the listener. An App that was made must be Run, which closes both. It gives up waiting for
// the database when ctx ends.
func New(ctx context.Context, settings config.Config, logger *slog.Logger) (*App, error) {
	background, release := context.WithCancel(context.Background())
	a := &App{settings: settings, logger: logger, release: release}
	if err := a.open(ctx, background); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx, background context.Context) error {
	if err := a.openIdentity(background); err != nil {
		return err
	}
	a.hub = a.newHub()
	publisher := handlers.NewPublisher(rooms{a.hub})
	mode := models.ModeOpen
	if a.verifier != nil {
		mode = models.ModeSigned
	}
	store, err := models.Open(ctx, models.Options{
		DSN: string(a.settings.DatabaseDSN), DataDir: a.settings.DataDir,
		Mode: mode, Location: a.settings.CampusTZ, SessionMax: a.settings.SessionMax,
		Committed: publisher.Committed, Started: publisher.Started, Ended: publisher.Ended,
		Logger: a.logger,
	})
	if err != nil {
		return err
	}
	a.store = store
	if a.settings.Demo {
		if err := store.SeedDemo(ctx); err != nil {
			return fmt.Errorf("make the demo class: %w", err)
		}
	}
	a.handlers = handlers.New(store, mode, rooms{a.hub}, publisher, a.logger)
	a.register()

	// Without TCP's probes, every 15 s for each connection: heartbeats find out who is gone, and IdleTimeout ends what has none.
	a.listener, err = (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", a.settings.Addr())
	if err != nil {
		return fmt.Errorf("%w; PORT and HOST say where to listen", err)
	}
	a.http = &http.Server{
		Handler: a.routes(),
		// No ReadTimeout: it would end polls that wait. Who reads a body sets a deadline for it.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
	}
	return nil
}

func (a *App) openIdentity(background context.Context) (err error) {
	if !a.settings.Signed() {
		return nil
	}
	a.verifier, err = identity.New(background, identity.Options{
		Secret: []byte(a.settings.JWTSecret), PublicKey: a.settings.PublicKey, JWKSURL: a.settings.JWTJWKSURL,
		Issuer: a.settings.JWTIssuer, Audience: a.settings.JWTAudience, Cookie: a.settings.JWTCookie,
	})
	return err
}

// awaitUser is how long what a client sends first waits for its identify in open mode. Version 4 of socket.io-client sends what
// it has buffered before its connect handlers run, in which the identify is.
const awaitUser = 500 * time.Millisecond

func (a *App) newHub() *sockets.Hub {
	options := sockets.Options{
		PingInterval: a.settings.PingInterval, PingTimeout: a.settings.PingTimeout, ConnectTimeout: a.settings.ConnectTimeout,
		MaxPayload: a.settings.MaxPayload, QueuePackets: a.settings.SendQueue, QueueBytes: a.settings.SendQueueBytes,
		AllowOrigin: a.allowOrigin,
		EventRate:   a.settings.EventRate, EventBurst: a.settings.EventBurst, UserSockets: a.settings.UserSockets,
		ResumeWindow: a.settings.ResumeWindow,
		Logger:       a.logger,
	}
	if a.verifier != nil {
		options.Authenticate = a.authenticate
		options.UserOf = func(claims any) string { return handlers.UserKey(claims.(models.Actor)) }
	} else {
		options.AwaitUser = awaitUser
	}
	return sockets.New(options)
}

func (a *App) authenticate(header http.Header, query url.Values, auth json.RawMessage) (any, time.Time, error) {
	claims, err := a.verifier.Verify(a.verifier.Token(header, query, auth))
	if err != nil {
		a.logger.Debug("connection refused", "err", err)
		return nil, time.Time{}, identity.ErrUnauthorized
	}
	return claims.Actor, claims.Expires, nil
}

// register gives the hub what is to be done with its clients' events.
func (a *App) register() {
	for _, event := range a.handlers.Table() {
		handle := a.hub.Handle
		if event.Name == handlers.IdentifyEvent {
			handle = a.hub.HandleUser
		}
		handle(event.Name, func(ctx context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
			return event.Handle(ctx, socket, arguments)
		})
	}
	a.hub.OnLeft(a.handlers.Left)
	a.hub.OnLimit(func(socket *sockets.Socket, tell bool) any { return a.handlers.Limited(socket, tell) })
	a.hub.OnSurplus(func(socket *sockets.Socket) { a.handlers.Surplus(socket) })
	a.hub.OnUnknown(func(event string) any {
		a.unknown.Add(1)
		a.logger.Debug("event without a handler", "event", event)
		return a.handlers.Unknown()
	})
}

// URL is where the server can be reached from this machine.
func (a *App) URL() string {
	address := a.listener.Addr().(*net.TCPAddr)
	host := address.IP.String()
	if address.IP.IsUnspecified() || address.IP.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}

// Run serves until ctx ends, and then stops: new clients are refused, what was begun is finished and written, and the
// transports are closed, within SHUTDOWN_TIMEOUT.
func (a *App) Run(ctx context.Context) error {
	defer a.close()
	background, stop := context.WithCancel(context.Background())
	defer stop()
	go a.handlers.EndOverdue(background, min(15*time.Second, a.settings.SessionMax/10))
	go trim(background)

	served := make(chan error, 1)
	go func() { served <- a.http.Serve(descriptor.Listener(a.listener)) }()
	a.logger.Info("attendance server is ready", "url", a.URL(), "listening", a.listener.Addr().String(), "identity", a.mode(), "version", version())
	if a.verifier == nil {
		a.logger.Warn("everybody is believed to be who they say; set one of the JWT_ settings to ask for tokens")
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	a.logger.Info("stopping", "sockets", a.hub.Sockets())
	a.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.settings.ShutdownTimeout)
	defer cancel()
	if err := errors.Join(a.hub.Drain(ctx), a.http.Shutdown(ctx)); err != nil {
		return fmt.Errorf("stopped before everything was finished: %w", err)
	}
	return nil
}

func (a *App) mode() string {
	if a.verifier != nil {
		return "signed"
	}
	return "open"
}

// close releases what was opened, as far as that went.
func (a *App) close() {
	a.release()
	if a.http != nil {
		_ = a.http.Close() // ends what did not end in time
	} else if a.listener != nil {
		_ = a.listener.Close()
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.logger.Error("close the database", "err", err)
		}
	}
}
