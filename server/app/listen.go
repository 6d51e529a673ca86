package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// listen takes the sockets of the service manager, or else opens the port.
func (a *App) listen(ctx context.Context) error {
	inherited, err := a.inherit()
	if err != nil || inherited {
		return err
	}
	if err = a.openPort(ctx); err == nil {
		err = a.openPlainPort(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w; PORT, HTTP_PORT and HOST say where to listen", err)
	}
	return nil
}

// openPort listens on HOST and PORT. For the host "localhost" it listens on both 127.0.0.1 and [::1] if the machine has both, because
// some clients connect to one and some to the other.
func (a *App) openPort(ctx context.Context) (err error) {
	host, port, err := net.SplitHostPort(a.settings.Addr())
	if err != nil {
		return err
	}
	if !strings.EqualFold(host, "localhost") {
		a.listener, err = listenOn(ctx, host, port)
		return err
	}
	first, second, err := listenLocally(ctx, port)
	a.listener = first
	if second != nil {
		a.more = []net.Listener{second}
	}
	return err
}

// maxPorts is how many free ports of 127.0.0.1 are tried for PORT=0 while each is taken on [::1].
const maxPorts = 10

func listenLocally(ctx context.Context, port string) (first, second net.Listener, err error) {
	for range maxPorts {
		first, err = listenOn(ctx, "127.0.0.1", port)
		switch {
		case isAbsent(err):
			first, err = listenOn(ctx, "::1", port)
			return first, nil, err
		case err != nil:
			return nil, nil, err
		}
		second, err = listenOn(ctx, "::1", strconv.Itoa(first.Addr().(*net.TCPAddr).Port))
		switch {
		case err == nil:
			return first, second, nil
		case isAbsent(err):
			return first, nil, nil
		}
		err = errors.Join(err, first.Close())
		if port != "0" {
			break
		}
	}
	return nil, nil, err
}

// isAbsent reports whether the machine lacks the address. Many containers have no IPv6.
func isAbsent(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}

// listenOn turns TCP keep-alive off, which would send a probe every 15 s for each connection. Heartbeats detect lost sockets, and
// IdleTimeout ends other idle connections.
func listenOn(ctx context.Context, host, port string) (net.Listener, error) {
	return (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
}

func (a *App) listeners() []net.Listener {
	if a.listener == nil {
		return nil
	}
	return append([]net.Listener{a.listener}, a.more...)
}

// serve starts to answer requests. The channel returns the error that ends each listener.
func (a *App) serve() <-chan error {
	listeners := a.listeners()
	served := make(chan error, len(listeners))
	for _, listener := range listeners {
		listener = countingListener{listener, a.connections}
		if a.tls != nil {
			listener = tls.NewListener(listener, a.tls)
		}
		go func() { served <- a.http.Serve(listener) }()
	}
	a.servePlain()
	return served
}

// URL returns the server's address as seen from this machine.
func (a *App) URL() string {
	address := a.listener.Addr().(*net.TCPAddr)
	host := address.IP.String()
	only6 := address.IP.Equal(net.IPv6loopback) // on some machines localhost is 127.0.0.1 only
	if address.IP.IsUnspecified() || address.IP.IsLoopback() && !only6 {
		host = "localhost"
	}
	scheme := "http://"
	if a.tls != nil {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, fmt.Sprint(address.Port))
}
