// Package engineio gives github.com/googollee/go-socket.io transports that today's clients speak: Engine.IO 3 and 4, that is
// socket.io-client 1.x to 4.x, over long-polling and WebSocket, at the same time. The library itself speaks revision 3 only.
//
// The package owns HTTP, WebSocket, heartbeats, upgrades and the send queues; package codec has the formats. The library
// keeps namespaces, rooms and events: it gets one connection per session, over any transport, and only checked packets.
// library_test.go lists the defects of the library that this package prevents.
//
// # Use
//
// New returns the transports and the library's server. Handlers may be given to the server's OnEvent as usual, or to
// Transports.Handle, which passes all arguments of an event undecoded and lets the handler acknowledge when it likes.
// Session.Send with a Message made by EncodeEvent sends the same bytes to any number of sessions; it never blocks.
//
// # What to know about the library
//
// Do not call Emit inside OnConnect of a namespace: the library's writer has not started, and the call never returns. Session.Send
// works there. OnDisconnect may run without an OnConnect before it, for clients that never connected, and may run while a
// handler of the same connection is still busy. In revision 4, a client may connect to another namespace without ever
// connecting to the root; the library's OnConnect("/") runs all the same.
//
// # Limits
//
// Every session costs the goroutines of the library: three, or one after EndWriter; a session without a namespace has one. A
// goroutine exists while a client is behind with reading, and ends with its queue. Nothing that waits for a client holds up
// another. Bodies and answers have deadlines; that of a request's header is http.Server.ReadHeaderTimeout, which has to be set.
package engineio
