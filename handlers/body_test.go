package handlers

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// TestABodyThatNeverEndsIsGivenUp on a connection in memory, where the time that it takes passes at once.
func TestABodyThatNeverEndsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := gin.New()
		New(nil, models.ModeOpen, nil, nil, slog.New(slog.DiscardHandler)).Mount(engine, nil, nil)
		client, connection := net.Pipe()
		server := http.Server{Handler: engine, ReadHeaderTimeout: time.Minute}
		served := make(chan error, 1)
		go func() { served <- server.Serve(&oneConnection{connection: connection}) }()

		begun := time.Now()
		fmt.Fprint(client, "POST /api/classes HTTP/1.1\r\nHost: x\r\nX-User: asha\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"id\":")
		response, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
		if response.StatusCode != http.StatusRequestTimeout || time.Since(begun) != bodyTimeout {
			t.Errorf("got %d after %v", response.StatusCode, time.Since(begun))
		}
		client.Close()
		server.Close()
		<-served
	})
}

// oneConnection is a listener to whom one client comes.
type oneConnection struct{ connection net.Conn }

func (l *oneConnection) Accept() (net.Conn, error) {
	if l.connection == nil {
		return nil, net.ErrClosed
	}
	accepted := l.connection
	l.connection = nil
	return accepted, nil
}

func (l *oneConnection) Close() error   { return nil }
func (l *oneConnection) Addr() net.Addr { return &net.TCPAddr{} }
