// Package app builds the attendance server from its parts, and starts and stops it.
package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/cluster"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/identity"
	"github.com/neuracampus/attendance/server/metrics"
	"github.com/neuracampus/attendance/server/refusals"
	"github.com/neuracampus/attendance/server/sockets"
)

// App is one server with its store, its sockets and its HTTP listeners.
type App struct {
	settings config.Config
	logger   *slog.Logger

	store    *models.Store
	local    *sockets.LocalPresence  // nil on a node of a cluster
	shared   *sockets.SharedPresence // nil on a server that is the only one
	members  *models.Memberships     // nil on a node of a cluster, and when RESUME_WINDOW is 0
	everyone *models.Presence        // nil on a server that is the only one
	node     *models.Registration
	hub      *sockets.Hub
	reader   *cluster.Reader // nil on a server that is the only one
	redis    *cluster.Redis  // nil without REDIS_URL
	handlers *handlers.Handlers
	verifier *identity.Verifier // nil in open mode
	ready    readiness

	metrics         *metrics.Registry
	metricsServer   *http.Server // nil without METRICS_ADDR, as metricsListener is
	metricsListener net.Listener

	reasons     reasonCounts // of what clients were refused
	refusals    *refusals.Log
	requests    *requests
	connections *connections
	listener    net.Listener
	more        []net.Listener // the same port on [::1], or further sockets of the service manager's
	activated   bool           // the listeners are the service manager's
	tls         *tls.Config    // nil without TLS, with which come the next four, if at all
	acme        *acme
	certificate *certificateFiles
	plain       net.Listener // of HTTP_PORT
	plainServer *http.Server
	http        *http.Server
	draining    atomic.Bool
	skipped     atomic.Int64 // entries of the log that hold what this version cannot read
	ignored     atomic.Int64 // messages in Redis that other back ends may not send
}

// New opens the store and the listeners. Run closes them, so the caller must call Run. New waits for the database and the key set
// until ctx ends.
func New(ctx context.Context, settings config.Config, logger *slog.Logger) (*App, error) {
	a := &App{settings: settings, logger: logger, refusals: refusals.New(logger)}
	a.requests, a.metrics = newRequests(), metrics.New()
	a.connections = &connections{refusals: a.refusals}
	if err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	if err := a.openIdentity(ctx); err != nil {
		return err
	}
	var publisher *handlers.Publisher
	a.hub = a.newHub(func(room string) { publisher.SocketLeft(room) })
	publisher = handlers.NewPublisher(seeded(rooms{a.hub}))
	mode := models.ModeOpen
	if a.verifier != nil {
		mode = models.ModeSigned
	}
	store, err := models.Open(ctx, models.Options{
		DSN: string(a.settings.DatabaseDSN), DataDir: a.settings.DataDir,
		Mode: mode, AllowOpen: a.settings.OpenMode, Location: a.settings.CampusTZ, SessionMax: a.settings.SessionMax, CodePeriod: a.settings.CodePeriod,
		OnEvent:  func(e models.Event) { a.publish(e, publisher) },
		OnCommit: a.observeCommits(),
		Cluster:  a.settings.Cluster,
		Logger:   a.logger,
	})
	if errors.Is(err, models.ErrDatabaseSigned) {
		return errors.New("the database was used with tokens before, and none of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL is set now: " +
			"set it again, or set OPEN_MODE=true to accept clients without a token")
	}
	if err != nil {
		return err
	}
	a.store = store
	if err := a.openRegistration(ctx); err != nil {
		return err
	}
	if err := a.openCluster(ctx, publisher); err != nil {
		return err
	}
	a.ready = readiness{ping: store.Ping, logger: a.logger}
	if a.settings.Demo {
		if err := store.SeedDemo(ctx); err != nil {
			return fmt.Errorf("create the demo class: %w", err)
		}
	}
	if err := a.openPresence(ctx); err != nil {
		return err
	}
	a.handlers = handlers.New(store, mode, rooms{a.hub}, publisher, a.logger)
	a.register()

	if err := a.openTLS(); err != nil {
		return err
	}
	if err := a.listen(ctx); err != nil {
		return err
	}
	if err := a.openMetrics(ctx); err != nil {
		return fmt.Errorf("%w; METRICS_ADDR says where to listen", err)
	}
	a.http = &http.Server{
		Handler: a.routes(),
		// No ReadTimeout, because it would end waiting polls. The middleware chain sets the other deadlines.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
		ConnState:         connState,
		MaxHeaderBytes:    16 << 10, // the limit of Node.js

		// OPTIONS * goes through the middleware chain like every other request.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
	}
	return nil
}

func (a *App) openIdentity(ctx context.Context) (err error) {
	if !a.settings.Signed() {
		return nil
	}
	options := VerifierOptions(a.settings)
	options.Logger = a.logger
	a.verifier, err = identity.New(ctx, options)
	return err
}

// VerifierOptions returns which tokens a server with these settings accepts.
func VerifierOptions(settings config.Config) identity.Options {
	return identity.Options{
		Secret: []byte(settings.JWTSecret), PublicKey: settings.PublicKey, JWKSURL: string(settings.JWTJWKSURL),
		Issuer: settings.JWTIssuer, Audience: settings.JWTAudience, Cookie: settings.JWTCookie,
		Leeway: settings.JWTLeeway, MaxAge: settings.JWTMaxAge,
	}
}

// identifyTimeout is how long the first events of a client wait for its identify event in open mode. socket.io-client 4 sends its buffered
// events before it runs the connect handlers, and applications send identify in a connect handler.
const identifyTimeout = 500 * time.Millisecond

func (a *App) newHub(socketLeft func(room string)) *sockets.Hub {
	options := sockets.Options{
		PingInterval: a.settings.PingInterval, PingTimeout: a.settings.PingTimeout, ConnectTimeout: a.settings.ConnectTimeout,
		MaxPayload: a.settings.MaxPayload, QueuePackets: a.settings.SendQueue, QueueBytes: a.settings.SendQueueBytes,
		EventRate: a.settings.EventRate, EventBurst: a.settings.EventBurst, UserSockets: a.settings.UserSockets,
		MaxPending: a.settings.MaxPending, MaxSessions: a.settings.MaxConnections, MaxFromNetwork: a.settings.MaxPerAddress,
		HandshakeRate: a.settings.HandshakeRate, MemoryShort: new(memoryWatch).short,
		Keep:       keepNoCredentials,
		Refused:    a.refusals.Add,
		DrainTime:  a.settings.DrainSpread,
		Presence:   a.newPresence(),
		IOUring:    a.settings.IOUring == config.IOUringAuto,
		SocketLeft: socketLeft,
		Sent:       handlers.Sent(),
		FannedOut:  a.observeFanOuts(),
		Logger:     a.logger,
	}
	if a.settings.Cluster {
		options.Node = a.settings.NodeName
	}
	if a.verifier != nil {
		options.Authenticate = a.authenticate
		options.Keep = a.verifier.Credentials
		options.UserOf = func(claims any) string { return handlers.UserKey(claims.(models.Actor)) }
	} else {
		options.IdentifyTimeout = identifyTimeout
	}
	return sockets.New(options)
}

// keepNoCredentials stores no header and no query of a handshake, because open mode does not use them.
func keepNoCredentials(http.Header, url.Values) (http.Header, url.Values) { return nil, nil }

func (a *App) authenticate(address string, header http.Header, query url.Values, auth json.RawMessage) (any, time.Time, error) {
	claims, err := a.verifier.Identify(header, query, auth)
	if err != nil {
		a.refusals.Add("token of a socket", address, err.Error())
		return nil, time.Time{}, a.connectError(err)
	}
	return claims.Actor, claims.Expires, nil
}

// connectError returns what a client is told of a refused token, and counts it: the text that existing clients know, and the reason.
func (a *App) connectError(err error) error {
	refused := &sockets.ConnectError{Message: identity.ErrUnauthorized.Error()}
	if refusal, ok := errors.AsType[*identity.Refusal](err); ok {
		a.reasons.add(string(refusal.Reason))
		refused.Data = map[string]identity.Reason{"reason": refusal.Reason}
	}
	return refused
}

// register gives the hub the handlers of its clients' events.
func (a *App) register() {
	for _, event := range a.handlers.Table() {
		handle := a.hub.Handle
		switch {
		case event.Name == handlers.IdentifyEvent:
			handle = a.hub.HandleIdentify
		case event.Frequent:
			handle = a.hub.HandleInline
		}
		handle(event.Name, func(ctx context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
			return event.Handle(ctx, socket, arguments)
		})
	}
	a.handlers.OnRefused(a.reasons.add)
	a.hub.OnUserLeft(a.handlers.UserLeft)
	a.hub.OnRateLimited(func(socket *sockets.Socket, warn bool) any { return a.handlers.RefuseRateLimited(socket, warn) })
	a.hub.OnTooManySockets(func(socket *sockets.Socket) { a.handlers.NotifyTooManySockets(socket) })
	a.hub.OnUnknown(func(ctx context.Context, event string) any {
		a.logger.DebugContext(ctx, "event without a handler", "event", loggedEvent(event))
		return a.handlers.RefuseUnknown()
	})
}

// plainEvent matches the names that events of applications have. Another name may be anything, such as a token.
var plainEvent = regexp.MustCompile(`^[A-Za-z][A-Za-z:_-]{0,63}$`)

// loggedEvent returns what the log says of the name of an event that the server does not know.
func loggedEvent(name string) string {
	if plainEvent.MatchString(name) {
		return name
	}
	return "not a plain name"
}

// Run serves until ctx ends, and then stops within SHUTDOWN_TIMEOUT, or at once when hurried ends: /readyz says so for DRAIN_DELAY, and
// then the server refuses new clients, finishes and stores the work that has begun, and closes the transports over DRAIN_SPREAD.
func (a *App) Run(ctx, hurried context.Context) error {
	defer a.close()
	background, stop := context.WithCancel(context.Background())
	defer stop()
	go a.handlers.EndOverdue(background, min(15*time.Second, a.settings.SessionMax/10))
	go trim(background)
	go a.feedWatchdog(background)
	if a.reader != nil {
		go a.reader.Run(background)
		go a.prune(background)
	}
	if a.verifier != nil {
		go a.verifier.Refresh(background)
	}

	if a.settings.Retention > 0 {
		go a.applyRetention(background)
	}

	if a.metricsServer != nil {
		go func() { _ = a.metricsServer.Serve(a.metricsListener) }() // until close
	}
	served := a.serve()
	a.manageCertificate(background)
	a.notify(daemon.SdNotifyReady)
	a.logger.Info("attendance server is ready", "url", a.URL(), "listening", a.listener.Addr().String(), "identity", a.mode(), "version", Version())
	if a.verifier == nil {
		a.warnOfOpenMode()
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	a.logger.Info("stopping", "sockets", a.hub.Sockets())
	a.notify(daemon.SdNotifyStopping)
	a.draining.Store(true)
	stopping, cancel := a.stopping(hurried)
	defer cancel()
	a.awaitBalancer(stopping)
	if err := a.finish(stopping, served); err != nil {
		return fmt.Errorf("stopped before everything was finished: %w", err)
	}
	return nil
}

func (a *App) warnOfOpenMode() {
	if a.settings.Local() {
		a.logger.Warn("open mode: the server does not authenticate clients, so it listens on this machine only; set one of the JWT_ settings to require tokens, or HOST and OPEN_MODE=true to serve other machines without tokens")
		return
	}
	a.logger.Warn("open mode: the server does not authenticate clients; set one of the JWT_ settings to require tokens")
}

func (a *App) mode() string {
	if a.verifier != nil {
		return "signed"
	}
	return "open"
}

// close releases everything that open has opened. After an error in open that is only a part.
func (a *App) close() {
	defer a.refusals.Flush()
	if a.http != nil {
		_ = a.http.Close() // ends the connections that did not end in time
	}
	if a.metricsServer != nil {
		_ = errors.Join(a.metricsServer.Close(), a.metricsListener.Close()) // they are closed, and Prometheus tries again
	}
	for _, listener := range a.listeners() {
		_ = listener.Close() // an error means that it is closed already
	}
	a.closeTLS()
	if err := a.closePresence(); err != nil {
		a.logger.Error("memberships are not stored; some users cannot resume", "err", err)
	}
	if a.node != nil {
		if err := a.closeRegistration(); err != nil {
			a.logger.Error("the next server may have to wait until it can use the database", "err", err)
		}
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.logger.Error("close the database", "err", err)
		}
	}
}
