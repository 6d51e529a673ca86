package engineiotest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// Socket is a WebSocket. One goroutine may send and one receive.
type Socket struct {
	net.Conn // the connection itself, for bytes that are no frames
	reader   io.Reader
}

// Message is a WebSocket message.
type Message struct {
	Binary bool
	Text   string
}

// Text and Binary are messages as tests compare them.
func Text(text string) Message { return Message{Text: text} }

// Binary is a binary message.
func Binary(data ...byte) Message { return Message{Binary: true, Text: string(data)} }

// Dial opens a WebSocket. Headers are pairs of a name and a value. It does not outlive the test.
func Dial(t testing.TB, url string, headers ...string) *Socket {
	t.Helper()
	s, err := TryDial(url, headers...)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = s.Conn.Close() })
	return s
}

// TryDial opens a WebSocket, which the caller has to close. It returns a ws.StatusError for an HTTP answer that is no WebSocket.
func TryDial(url string, headers ...string) (*Socket, error) {
	return tryDial(ws.Dialer{}, url, headers...)
}

func tryDial(dialer ws.Dialer, url string, headers ...string) (*Socket, error) {
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Add(headers[i], headers[i+1])
	}
	dialer.Host = header.Get("Host")
	header.Del("Host")
	dialer.Timeout, dialer.Header = Deadline, ws.HandshakeHeaderHTTP(header)
	dialer.TLSConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12} // a test server's
	if strings.HasPrefix(url, "http") {
		url = "ws" + strings.TrimPrefix(url, "http")
	}
	conn, reader, _, err := dialer.Dial(context.Background(), url)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(4 * Deadline)); err != nil { // a test that hangs fails where it hangs
		return nil, err
	}
	s := &Socket{Conn: conn, reader: conn}
	if reader != nil { // the server's first frames came with its answer
		s.reader = io.MultiReader(io.LimitReader(reader, int64(reader.Buffered())), conn)
	}
	return s, nil
}

// Connect opens a session over WebSocket and returns its handshake. The url has no query.
func Connect(t testing.TB, url string, revision int) (*Socket, Handshake) {
	t.Helper()
	s := Dial(t, withQuery(url, fmt.Sprintf("EIO=%d&transport=websocket", revision)))
	return s, ParseHandshake(t, s.Receive(t).Text)
}

// Send sends text messages.
func (s *Socket) Send(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		s.SendFrame(t, ws.NewTextFrame([]byte(text)))
	}
}

// SendBinary sends a binary message.
func (s *Socket) SendBinary(t testing.TB, data ...byte) {
	t.Helper()
	s.SendFrame(t, ws.NewBinaryFrame(data))
}

// SendFrame masks a frame, as a client must, and sends it.
func (s *Socket) SendFrame(t testing.TB, frame ws.Frame) {
	t.Helper()
	if err := s.TrySendFrame(frame); err != nil {
		t.Fatalf("send: %v", err)
	}
}

// TrySendFrame masks a frame and sends it.
func (s *Socket) TrySendFrame(frame ws.Frame) error {
	return ws.WriteFrame(s.Conn, ws.MaskFrame(frame))
}

// Receive returns the next message.
func (s *Socket) Receive(t testing.TB) Message {
	t.Helper()
	message, err := s.TryReceive()
	if err != nil {
		t.Fatalf("receive: %v", err)
	}
	return message
}

// Expect fails unless the next messages are these.
func (s *Socket) Expect(t testing.TB, want ...Message) {
	t.Helper()
	for _, message := range want {
		if got := s.Receive(t); got != message {
			t.Fatalf("received %q, want %q", got.Text, message.Text)
		}
	}
}

// ExpectText fails unless the next messages are these texts.
func (s *Socket) ExpectText(t testing.TB, want ...string) {
	t.Helper()
	for _, text := range want {
		s.Expect(t, Text(text))
	}
}

// ExpectPrefix returns the next message, which must be a text with this beginning.
func (s *Socket) ExpectPrefix(t testing.TB, prefix string) string {
	t.Helper()
	message := s.Receive(t)
	if message.Binary || !strings.HasPrefix(message.Text, prefix) {
		t.Fatalf("received %.100q, want %q and more", message.Text, prefix)
	}
	return message.Text
}

// ExpectClosed fails unless the server closes the connection. It returns the messages that came before.
func (s *Socket) ExpectClosed(t testing.TB) []string {
	t.Helper()
	var messages []string
	for {
		message, err := s.TryReceive()
		if errors.Is(err, errTimeout) {
			t.Fatalf("the connection was not closed: %v", err)
		}
		if err != nil {
			return messages
		}
		messages = append(messages, message.Text)
	}
}

var errTimeout = errors.New("nothing came")

// TryReceive returns the next message, or an error when there is none.
func (s *Socket) TryReceive() (Message, error) {
	if err := s.SetReadDeadline(time.Now().Add(Deadline)); err != nil {
		return Message{}, err
	}
	for {
		frame, err := s.readFrame()
		var netError net.Error
		if errors.As(err, &netError) && netError.Timeout() {
			return Message{}, errTimeout
		}
		if err != nil {
			return Message{}, err
		}
		switch {
		case frame.Header.Masked || !frame.Header.Fin || frame.Header.Rsv != 0:
			return Message{}, fmt.Errorf("a server must not send such a frame: %+v", frame.Header)
		case frame.Header.OpCode == ws.OpText, frame.Header.OpCode == ws.OpBinary:
			return Message{Binary: frame.Header.OpCode == ws.OpBinary, Text: string(frame.Payload)}, nil
		case frame.Header.OpCode == ws.OpClose:
			return Message{}, io.EOF
		case frame.Header.OpCode == ws.OpPong:
			return Message{Text: "pong:" + string(frame.Payload)}, nil
		}
	}
}

// readFrame reads one frame of any size: these tests trust the server not to exhaust their memory.
func (s *Socket) readFrame() (ws.Frame, error) {
	header, err := ws.ReadHeader(s.reader)
	if err != nil {
		return ws.Frame{}, err
	}
	payload := make([]byte, header.Length)
	_, err = io.ReadFull(s.reader, payload)
	return ws.Frame{Header: header, Payload: payload}, err
}

// goroutine makes Fatal end the goroutine that calls it, which testing allows only in a test's own.
type goroutine struct{ testing.TB }

// Fatal fails the test and ends the goroutine.
func (g goroutine) Fatal(args ...any) {
	g.Helper()
	g.Error(args...)
	runtime.Goexit()
}

// Fatalf fails the test and ends the goroutine.
func (g goroutine) Fatalf(format string, args ...any) {
	g.Helper()
	g.Errorf(format, args...)
	runtime.Goexit()
}

// Together runs n goroutines and waits for them.
func Together(t testing.TB, n int, run func(t testing.TB, i int)) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(goroutine{t}, i) })
	}
	all.Wait()
}
