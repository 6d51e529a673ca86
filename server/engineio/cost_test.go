package engineio_test

import (
	"fmt"
	"strings"
	"testing"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// connectAll connects n clients over WebSocket and returns their sessions and the clients. Nothing is being written to them.
func connectAll(t testing.TB, s *server, n int) ([]*engineio.Session, []*engineiotest.Socket) {
	t.Helper()
	sockets := make([]*engineiotest.Socket, n)
	for i := range sockets {
		sockets[i] = s.connected(t, 3+i%2)
	}
	engineiotest.EventuallyEqual(t, "clients in the room", n, func() int { return s.library.RoomLen("/", everyone) })
	var sessions []*engineio.Session
	s.library.ForEach("/", everyone, func(conn socketio.Conn) { sessions = append(sessions, engineio.SessionOf(conn)) })
	for _, session := range sessions {
		engineiotest.EventuallyEqual(t, "packets that are queued", 0, session.Queued)
	}
	return sessions, sockets
}

func TestDeliveryToIdleClientAllocatesNothing(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	const members, runs = 40, 100
	sessions, sockets := connectAll(t, s, members)
	message := codec.EncodeEvent("/", "news", codec.Arguments{JSON: []byte(`[{"some":"thing of a usual size","and":"a second"}]`)})
	for name, newWriter := range writers {
		t.Run(name, func(t *testing.T) {
			writer := newWriter()
			var flushed [members]*engineio.Session
			if allocations := testing.AllocsPerRun(runs, func() {
				for _, session := range sessions {
					session.Enqueue(message)
				}
				copy(flushed[:], sessions)
				writer.Flush(flushed[:])
			}); allocations != 0 {
				t.Errorf("%v allocations for %d deliveries, want none", allocations, members)
			}
			for _, socket := range sockets {
				for range runs + 1 { // AllocsPerRun runs once more
					socket.ExpectText(t, `42["news",{"some":"thing of a usual size","and":"a second"}]`)
				}
			}
		})
	}
}

func TestFullQueueBeforeFlushIsWritten(t *testing.T) {
	s := serve(t, engineio.Options{QueuePackets: 10}, nil)
	sessions, sockets := connectAll(t, s, 1)
	const messages = 25
	for i := range messages {
		sessions[0].Enqueue(codec.EncodeEvent("/", "news", codec.Arguments{JSON: fmt.Appendf(nil, "[%d]", i)}))
	}
	sessions[0].Flush()
	for i := range messages {
		sockets[0].ExpectText(t, fmt.Sprintf(`42["news",%d]`, i))
	}
}

// The OPEN packet waits a moment after the handshake, and what is sent by then waits behind it. That is not the client's fault.
func TestFullQueueBeforeOpenPacketIsWritten(t *testing.T) {
	s := serve(t, engineio.Options{QueuePackets: 10}, nil)
	socket := engineiotest.Dial(t, s.url+"?EIO=3&transport=websocket")
	engineiotest.EventuallyEqual(t, "clients in the room", 1, func() int { return s.library.RoomLen("/", everyone) })
	const messages = 25
	s.library.ForEach("/", everyone, func(conn socketio.Conn) {
		for i := range messages {
			engineio.SessionOf(conn).Enqueue(codec.EncodeEvent("/", "news", codec.Arguments{JSON: fmt.Appendf(nil, "[%d]", i)}))
		}
		engineio.SessionOf(conn).Flush()
	})
	engineiotest.ParseHandshake(t, socket.Receive(t).Text)
	socket.ExpectText(t, "40")
	for i := range messages {
		socket.ExpectText(t, fmt.Sprintf(`42["news",%d]`, i))
	}
}

func TestEncodeEventAllocatesLittle(t *testing.T) {
	arguments := codec.Arguments{JSON: []byte(`["` + strings.Repeat("x", 1000) + `"]`)}
	if allocations := testing.AllocsPerRun(100, func() { codec.EncodeEvent("/", "news", arguments) }); allocations > 8 {
		t.Errorf("%v allocations to encode an event, want a handful", allocations)
	}
}
