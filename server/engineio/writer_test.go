package engineio_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// writers are the ways to flush many sessions. Where the kernel allows no io_uring both are the same.
var writers = map[string]func() *engineio.Writer{
	"io_uring": func() *engineio.Writer { return engineio.NewWriter(slog.Default()) },
	"plain":    engineio.NewPlainWriter,
}

func news(number int) *codec.Message {
	return codec.EncodeEvent("/", "news", codec.Arguments{JSON: fmt.Appendf(nil, "[%d]", number)})
}

func TestWriterKeepsOrderOfEachQueue(t *testing.T) {
	for name, newWriter := range writers {
		for _, members := range []int{1, 3, 4, 64, 70, 150} { // around the least number for a ring, and its size
			t.Run(fmt.Sprintf("%s, %d members", name, members), func(t *testing.T) {
				s := serve(t, engineio.Options{}, nil)
				const rounds = 20
				sessions, sockets := connectAll(t, s, members)
				writer := newWriter()
				number := 0
				for round := range rounds {
					for range 1 + round%3 { // one message, and several that are copied together
						for _, session := range sessions {
							session.Enqueue(news(number))
						}
						number++
					}
					list := slices.Clone(sessions)
					writer.Flush(list)
					if slices.ContainsFunc(list, func(s *engineio.Session) bool { return s != nil }) {
						t.Fatal("the list is not cleared")
					}
				}
				for _, socket := range sockets {
					for i := range number {
						socket.ExpectText(t, fmt.Sprintf(`42["news",%d]`, i))
					}
				}
			})
		}
	}
}

// Clients that are gone and clients that are behind are written to together with the others, which receive everything.
func TestWriterWaitsForNoClient(t *testing.T) {
	for name, newWriter := range writers {
		t.Run(name, func(t *testing.T) {
			const members, rounds = 12, 800
			s := serve(t, engineio.Options{QueueBytes: 100 << 20}, nil)
			sessions, sockets := connectAll(t, s, members)
			writer := newWriter()
			// Each member gets other data, and all together more than the kernel holds for a client that does not read.
			text := func(number int, letter string) string {
				return fmt.Sprintf(`%d,"%s"`, number, strings.Repeat(letter, 15_000))
			}
			flushed := make(chan struct{})
			go func() { // ends after the last round
				defer close(flushed)
				for number := range rounds {
					for i, session := range sessions {
						session.Enqueue(codec.EncodeEvent("/", "news", codec.Arguments{JSON: []byte("[" + text(number, string(rune('A'+i))) + "]")}))
					}
					if number%2 > 0 { // two at once, which are copied together
						writer.Flush(slices.Clone(sessions))
					}
				}
			}()
			engineiotest.Together(t, members, func(t testing.TB, i int) {
				switch socket := sockets[i]; i % 3 {
				case 0: // goes without having read
					reset(t, socket)
				case 1: // reads when the kernel's buffers and the queue are full
					<-flushed
					fallthrough
				case 2: // reads
					first := socket.Receive(t).Text
					letter := first[len(first)-3 : len(first)-2]
					if first != `42["news",`+text(0, letter)+"]" {
						t.Fatalf("received %.40q", first)
					}
					for number := 1; number < rounds; number++ {
						socket.ExpectText(t, `42["news",`+text(number, letter)+"]")
					}
				}
			})
			<-flushed
			s.expectSessions(t, members-members/3)
		})
	}
}
