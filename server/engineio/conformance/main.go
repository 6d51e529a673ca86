// Command conformance is a server for the public test suites of the Engine.IO and Socket.IO protocols, which expect one on
// http://localhost:3000 with a short heartbeat. PORT overrides the port.
//
//   - /engine.io/ echoes every message.
//   - /socket.io/ has the namespaces / and /custom. Each sends "auth" with the CONNECT packet's payload to who connects, authDelay later. In /,
//     "message" is answered by "message-back" with the same arguments, and "message-with-ack" acknowledges with its own.
package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	socketio "github.com/googollee/go-socket.io"
	upstream "github.com/googollee/go-socket.io/engineio"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
)

// authDelay parts "auth" from the CONNECT packet before it: the suite's clients add the listener for one message when they have the
// other, and npm's ws loses a message for which there is none. The official server loses up to four of 32 cases to that.
const authDelay = 10 * time.Millisecond

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	server := &http.Server{Handler: handler(published()), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error)
	for _, host := range []string{"127.0.0.1", "::1"} { // either may be what a client takes localhost for
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			slog.Warn("not listening", "host", host, "err", err)
			continue
		}
		slog.Info("listening", "address", listener.Addr())
		go func() { failed <- server.Serve(listener) }()
	}
	slog.Error("serve", "err", <-failed)
	os.Exit(1)
}

// published returns the settings that the suites expect.
func published() engineio.Options {
	return engineio.Options{
		PingInterval:   300 * time.Millisecond,
		PingTimeout:    200 * time.Millisecond,
		ConnectTimeout: time.Second,
		MaxPayload:     1_000_000,
	}
}

func handler(options engineio.Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", echo(options))
	mux.Handle("/socket.io/", chat(options))
	return mux
}

// echo sends every Engine.IO message back.
func echo(options engineio.Options) http.Handler {
	transports, server := engineio.NewEngine(options)
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go echoMessages(conn)
		}
	}()
	return transports
}

// echoMessages ends with the session.
func echoMessages(conn upstream.Conn) {
	for {
		kind, reader, err := conn.NextReader()
		if err != nil {
			return
		}
		writer, err := conn.NextWriter(kind)
		if err != nil {
			return
		}
		if _, err := io.Copy(writer, reader); err != nil {
			slog.Error("echo", "err", err)
		}
		if err := writer.Close(); err != nil {
			slog.Error("echo", "err", err)
		}
	}
}

func chat(options engineio.Options) http.Handler {
	transports, server := engineio.New(options)
	for _, namespace := range []string{"/", "/custom"} {
		server.OnConnect(namespace, func(conn socketio.Conn) error {
			session := engineio.SessionOf(conn)
			if auth := session.Auth(namespace); auth != nil {
				event := codec.EncodeEvent(namespace, "auth", codec.Arguments{JSON: slices.Concat([]byte("["), auth, []byte("]"))})
				time.AfterFunc(authDelay, func() { session.Send(event) })
			}
			return nil
		})
	}
	transports.Handle("/", "message", func(conn socketio.Conn, event engineio.Event) {
		engineio.SessionOf(conn).Send(codec.EncodeEvent("/", "message-back", event.Arguments))
	})
	transports.Handle("/", "message-with-ack", func(_ socketio.Conn, event engineio.Event) {
		event.Acknowledge(event.Arguments)
	})
	go func() {
		if err := server.Serve(); err != nil {
			slog.Error("serve", "err", err)
		}
	}()
	return transports
}
