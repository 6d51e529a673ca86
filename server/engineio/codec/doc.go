// Package codec encodes and decodes what Engine.IO 3 and 4 and Socket.IO send: WebSocket frames (frame.go), Engine.IO packets
// (packet.go), polling bodies (payload.go), Socket.IO packets (socketpacket.go) and events (event.go). A Message (message.go) is
// encoded once for any number of receivers.
//
// The functions are pure: no goroutine, no lock, no I/O. Decoders take whatever a client sends, never panic, and allocate in
// proportion to their input; every one has a fuzz target.
package codec
