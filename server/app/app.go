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
	"github.com/neuracampus/attendance/server/refusals"
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

	refusals *refusals.Log
	requests *requests
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
	a := &App{settings: settings, logger: logger, release: release, refusals: refusals.New(logger)}
	a.requests = newRequests(a.refusals)
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
		// No ReadTimeout: it would end polls that wait. The middleware chain sets the other deadlines.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    16 << 10, // as Node's

		// OPTIONS * goes through the middleware chain like everything else.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
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

func (a *App) newHub() *sockets.Hub {
	options := sockets.Options{
		PingInterval: a.settings.PingInterval, PingTimeout: a.settings.PingTimeout, ConnectTimeout: a.settings.ConnectTimeout,
		MaxPayload: a.settings.MaxPayload, QueuePackets: a.settings.SendQueue, QueueBytes: a.settings.SendQueueBytes,
		EventRate: a.settings.EventRate, EventBurst: a.settings.EventBurst,
		ResumeWindow: a.settings.ResumeWindow,
		MaxPending:   a.settings.MaxPending,
		Keep:         keepNothing,
		Refused:      a.refusals.Add,
		Logger:       a.logger,
	}
	if a.verifier != nil {
		options.Authenticate = a.authenticate
		options.Keep = a.verifier.Credentials
	}
	return sockets.New(options)
}

// keepNothing of a handshake: nobody asks for it in open mode.
func keepNothing(http.Header, url.Values) (http.Header, url.Values) { return nil, nil }

func (a *App) authenticate(address string, header http.Header, query url.Values, auth json.RawMessage) (any, time.Time, error) {
	claims, err := a.verifier.Verify(a.verifier.Token(header, query, auth))
	if err != nil {
		a.refusals.Add("token of a socket", address, err.Error())
		return nil, time.Time{}, identity.ErrUnauthorized
	}
	return claims.Actor, claims.Expires, nil
}

// register gives the hub what is to be done with its clients' events.
func (a *App) register() {
	for _, event := range a.handlers.Table() {
		a.hub.Handle(event.Name, func(ctx context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
			return event.Handle(ctx, socket, arguments)
		})
	}
	a.hub.OnLeft(a.handlers.Left)
	a.hub.OnLimit(func(socket *sockets.Socket) any { return a.handlers.Limited(socket) })
	a.hub.OnUnknown(func(event string) {
		a.unknown.Add(1)
		a.logger.Debug("event without a handler", "event", refusals.Cut(event))
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
	go func() { served <- a.http.Serve(descriptor.Listener(countingListener{a.listener, a.refusals})) }()
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
	if err := a.finish(ctx); err != nil {
		return fmt.Errorf("stopped before everything was finished: %w", err)
	}
	return nil
}

// clientGrace is how long a stop waits for clients: for the rest of their requests, and until they have taken their answers.
const clientGrace = time.Second

// finish closes the sessions and lets the requests finish that the server works at. Those that wait for their clients are cut.
func (a *App) finish(ctx context.Context) error {
	drained := a.hub.Drain(ctx)
	closed := make(chan struct{})
	go func() { // ends with the last connection, at the latest when Close ends them
		_ = a.http.Shutdown(ctx) // what it says of time is no failure: Close follows
		close(closed)
	}()
	worked := a.requests.wait(ctx)
	select {
	case <-closed:
	case <-time.After(clientGrace):
		worked = errors.Join(worked, a.requests.wait(ctx)) // a body may have come meanwhile
	}
	return errors.Join(drained, worked, a.http.Close())
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
	defer a.refusals.Flush()
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
