package engineio

import socketio "github.com/googollee/go-socket.io"

// EndWriter ends two of the three goroutines that the library keeps for a connection: those that write what the library emits and
// report its errors. The goroutine that reads, the rooms and the events stay (docs/performance.md, "Memory").
//
// Call it in OnConnect of the root namespace, before anything that OnDisconnect is to undo. All events must have a handler by
// Transports.Handle or HandleOthers. From then on conn.Emit does nothing. When the session ends, the library does not call
// OnDisconnect. Instead the goroutine that reads calls ended, once. OnDisconnect still runs when the client leaves a namespace.
func EndWriter(conn socketio.Conn, ended func()) {
	c := SessionOf(conn).conn
	c.ended = ended
	c.endingWriter = true
	_ = conn.Close() // closes the channel on which the two goroutines wait, and then calls Close below
	c.endingWriter = false
}

// Close implements transport.Conn.
func (c *socketConn) Close() error {
	if c.endingWriter {
		return nil
	}
	return c.libraryConn.Close()
}

// endReading runs when the goroutine that reads is about to end.
func (c *socketConn) endReading() {
	if ended := c.ended; ended != nil {
		c.ended = nil
		ended()
	}
}

// panicked runs when a handler panics. The library ends the goroutine that reads and closes the connection, but after EndWriter it
// takes the connection for closed already.
func (c *socketConn) panicked() {
	if c.ended != nil {
		c.session.Close("panic in a handler")
		c.endReading()
	}
}
