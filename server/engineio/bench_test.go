package engineio_test

import (
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// BenchmarkFanOut sends one message to all of a class and waits until every client has read it: nothing is left in a queue
// when the clock stops. Both ends of a connection are in this process, so a usual limit of 20,000 descriptors allows 9,500.
func BenchmarkFanOut(b *testing.B) {
	arguments := codec.Arguments{JSON: []byte(`[{"classId":"algebra","studentId":"s-1024","studentName":"Ada Lovelace","status":"present","sessionType":"lecture"}]`)}
	for _, size := range []int{50, 1000, 9500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := serve(b, engineio.Options{}, nil)
			sockets := make([]*engineiotest.Socket, size)
			for i := range sockets {
				sockets[i] = s.connected(b, 4)
			}
			engineiotest.EventuallyEqual(b, "clients in the room", size, func() int { return s.library.RoomLen("/", everyone) })
			frame := len(`42["attendanceUpdate",`) + len(arguments.JSON) - 1 + 4 // its header
			var delivered sync.WaitGroup
			for _, socket := range sockets {
				go func() { // ends with the connection
					data := make([]byte, frame)
					for {
						if _, err := io.ReadFull(socket.Conn, data); err != nil {
							return
						}
						delivered.Done()
					}
				}()
			}
			b.ReportAllocs()
			for b.Loop() {
				delivered.Add(size)
				s.broadcast(codec.EncodeEvent("/", "attendanceUpdate", arguments))
				delivered.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/delivery")
			b.StopTimer()
			for _, socket := range sockets {
				_ = socket.Close()
			}
			s.expectSessions(b, 0)
		})
	}
}

// BenchmarkEcho is an event with an acknowledgement, there and back.
func BenchmarkEcho(b *testing.B) {
	s := serve(b, engineio.Options{}, nil)
	socket := s.connected(b, 4)
	b.ReportAllocs()
	for b.Loop() {
		socket.Send(b, `421["acknowledge",{"classId":"algebra"}]`)
		socket.ExpectText(b, `431[{"classId":"algebra"}]`)
	}
}

func BenchmarkEncodeEvent(b *testing.B) {
	arguments := codec.Arguments{JSON: []byte(`[{"classId":"algebra","studentId":"s-1024"}]`)}
	b.ReportAllocs()
	for b.Loop() {
		codec.EncodeEvent("/", "attendanceUpdate", arguments)
	}
}

// BenchmarkHandshake is a session over WebSocket from its first request to its end.
func BenchmarkHandshake(b *testing.B) {
	s := serve(b, engineio.Options{}, nil)
	b.ReportAllocs()
	for b.Loop() {
		socket, _ := engineiotest.Connect(b, s.url, 4)
		_ = socket.Close()
	}
	s.expectSessions(b, 0)
}
