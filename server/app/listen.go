package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/neuracampus/attendance/server/descriptor"
)

// listen opens the port. The host "localhost" is 127.0.0.1 and [::1], as far as the machine has both, because clients do
// not agree on which of them it is.
func (a *App) listen(ctx context.Context) (err error) {
	host, port, err := net.SplitHostPort(a.settings.Addr())
	if err != nil {
		return err
	}
	if !strings.EqualFold(host, "localhost") {
		a.listener, err = listenOn(ctx, host, port)
		return err
	}
	a.listener, a.listener6, err = listenLocally(ctx, port)
	return err
}

// maxPorts bounds how many ports are tried when any is good and each turns out to be taken on [::1].
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

// isAbsent reports whether the machine has no such address, as many containers have no IPv6.
func isAbsent(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EPROTONOSUPPORT)
}

// listenOn goes without TCP's probes, every 15 s for each connection: heartbeats find out who is gone, and IdleTimeout ends
// what has none.
func listenOn(ctx context.Context, host, port string) (net.Listener, error) {
	return (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
}

func (a *App) listeners() (all []net.Listener) {
	for _, listener := range []net.Listener{a.listener, a.listener6} {
		if listener != nil {
			all = append(all, listener)
		}
	}
	return all
}

// serve begins to answer. What comes out is why it ended.
func (a *App) serve() <-chan error {
	listeners := a.listeners()
	served := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { served <- a.http.Serve(descriptor.Listener(countingListener{listener, a.refusals})) }()
	}
	return served
}

// URL is where the server can be reached from this machine.
func (a *App) URL() string {
	address := a.listener.Addr().(*net.TCPAddr)
	host := address.IP.String()
	only6 := address.IP.Equal(net.IPv6loopback) // not every machine's localhost is that, too
	if address.IP.IsUnspecified() || address.IP.IsLoopback() && !only6 {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}
