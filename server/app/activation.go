package app

import (
	"errors"
	"fmt"
	"net"

	"github.com/coreos/go-systemd/v22/activation"
)

// inherit takes the listening sockets that the service manager has passed (sd_listen_fds(3)), if it has. They stay open while no
// process runs, so a restart refuses no connection.
func (a *App) inherit() (inherited bool, err error) {
	passed, err := activation.Listeners()
	if err != nil || len(passed) == 0 {
		return false, err
	}
	var listeners []net.Listener
	for _, listener := range passed {
		tcp, ok := listener.(*net.TCPListener)
		if !ok {
			err = errors.New("the service manager has passed a socket that is no listening TCP socket; ListenStream in attendance.socket must be a port, or an address and a port")
			continue
		}
		if !a.mayListenOn(tcp.Addr()) {
			err = fmt.Errorf("open mode: the service manager's socket listens on %v, beyond this machine; set one of the JWT_ settings, or OPEN_MODE=true", tcp.Addr())
		}
		if port := tcp.Addr().(*net.TCPAddr).Port; port == a.settings.HTTPPort {
			a.plain = inheritedListener{tcp}
			continue
		}
		listeners = append(listeners, inheritedListener{tcp})
	}
	if len(listeners) > 0 {
		a.listener, a.more, a.activated = listeners[0], listeners[1:], true // close closes them after an error
	}
	return true, err
}

// mayListenOn applies to the service manager's sockets what the settings ensure for HOST.
func (a *App) mayListenOn(address net.Addr) bool {
	return a.verifier != nil || a.settings.OpenMode || address.(*net.TCPAddr).IP.IsLoopback()
}

// inheritedListener turns TCP keep-alive off, as listenOn does.
type inheritedListener struct{ *net.TCPListener }

// Accept implements net.Listener.
func (l inheritedListener) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return conn, conn.SetKeepAlive(false)
}
