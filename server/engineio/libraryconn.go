package engineio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/googollee/go-socket.io/engineio/frame"
	upstream "github.com/googollee/go-socket.io/engineio/packet"
	"github.com/googollee/go-socket.io/engineio/transport"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// bridge is what go-socket.io takes for a transport. It hands over the session that ServeHTTP has put into the request.
type bridge struct{ name string }

var _ transport.Transport = bridge{}

// Name implements transport.Transport.
func (b bridge) Name() string { return b.name }

// Accept implements transport.Transport. It returns one connection that lives as long as the session.
func (b bridge) Accept(_ http.ResponseWriter, r *http.Request) (transport.Conn, error) {
	s := sessionOf(r)
	if s.transports.socketIO == nil {
		return &engineConn{libraryConn: libraryConn{s}}, nil
	}
	s.awaitNamespace()
	return &socketConn{libraryConn: libraryConn{s}}, nil
}

// Dial implements transport.Transport; only go-socket.io's client would call it.
func (b bridge) Dial(*url.URL, http.Header) (transport.Conn, error) {
	return nil, errors.ErrUnsupported
}

// libraryConn is a session as the library sees it, apart from reading and writing.
type libraryConn struct{ session *Session }

// Close implements transport.Conn.
func (c libraryConn) Close() error {
	c.session.Close("closed by the server")
	return nil
}

// URL implements transport.Conn.
func (c libraryConn) URL() url.URL { return url.URL{RawQuery: c.session.rawQuery()} }

// LocalAddr implements transport.Conn.
func (c libraryConn) LocalAddr() net.Addr { return &net.TCPAddr{} }

// RemoteAddr implements transport.Conn. It is the way back to the session (Session.Network).
func (c libraryConn) RemoteAddr() net.Addr { return c.session }

// RemoteHeader implements transport.Conn.
func (c libraryConn) RemoteHeader() http.Header { return c.session.Header() }

// SetReadDeadline implements transport.Conn. Heartbeats are the session's, so it does nothing.
func (c libraryConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements transport.Conn, in the same way.
func (c libraryConn) SetWriteDeadline(time.Time) error { return nil }

// packetReader is one packet for the library to read. It is used again for the next one.
type packetReader struct{ bytes.Reader }

// Close implements io.Closer.
func (*packetReader) Close() error { return nil }

// packetWriter collects one packet that the library writes, and hands it over when it is closed.
type packetWriter struct {
	bytes.Buffer
	written func(data []byte) error
}

// Close implements io.Closer.
func (w *packetWriter) Close() error { return w.written(w.Bytes()) }

func discardPacket([]byte) error { return nil }

// engineConn carries messages at the Engine.IO level.
type engineConn struct {
	libraryConn
	reader     packetReader
	registered sync.Once
}

// NextReader implements transport.FrameReader.
func (c *engineConn) NextReader() (frame.Type, upstream.Type, io.ReadCloser, error) {
	c.registered.Do(c.session.registered)
	var message codec.Packet
	for ok := false; !ok; {
		c.session.await()
		var err error
		if message, ok, err = c.session.receive(); err != nil {
			return 0, 0, nil, err
		}
	}
	c.reader.Reset(message.Data)
	return frameType(message.Binary), upstream.MESSAGE, &c.reader, nil
}

// NextWriter implements transport.FrameWriter.
func (c *engineConn) NextWriter(ft frame.Type, pt upstream.Type) (io.WriteCloser, error) {
	switch {
	case pt == upstream.OPEN:
		<-c.session.named
		c.session.open()
		return &packetWriter{written: discardPacket}, nil
	case ft == frame.Binary:
		return &packetWriter{written: func(data []byte) error {
			c.session.Send(codec.NewMessage(codec.Packet{Binary: true, Data: bytes.Clone(data)}))
			return nil
		}}, nil
	default:
		return &packetWriter{written: func(data []byte) error {
			c.session.Send(codec.NewMessage(codec.MessagePacket(data)))
			return nil
		}}, nil
	}
}

func frameType(binary bool) frame.Type {
	if binary {
		return frame.Binary
	}
	return frame.String
}
