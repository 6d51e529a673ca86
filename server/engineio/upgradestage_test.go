package engineio_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// The stages of an upgrade at which a client may be sent something, in order.
const (
	stagePolling  = "polling"
	stageOpen     = "the WebSocket is open"
	stageProbed   = "the probe is answered"
	stagePaused   = "the last poll is answered"
	stageUpgraded = "the upgrade packet is sent"
	stageDraining = "the send queue is being written"
	stageOver     = "the upgrade is over"

	allStages = "all stages"
)

var stages = []string{stagePolling, stageOpen, stageProbed, stagePaused, stageUpgraded, stageDraining, stageOver}

// TestBroadcastAtUpgradeStageArrivesOnce broadcasts at one stage of an upgrade, and at all of them. A poll waits meanwhile, or the client
// is between two polls. A long backlog fills the WebSocket, so that the send queue waits for the client.
func TestBroadcastAtUpgradeStageArrivesOnce(t *testing.T) {
	const long = 5 << 20
	s := serve(t, engineio.Options{QueueBytes: 2 * long}, nil)
	for _, revision := range []int{3, 4} {
		for _, polls := range []bool{true, false} {
			for _, backlog := range []int{0, long} {
				for _, at := range append([]string{allStages}, stages...) {
					t.Run(fmt.Sprintf("revision %d, a poll waits %v, %d bytes wait, %s", revision, polls, backlog, at), func(t *testing.T) {
						c := &upgradingClient{server: s, session: s.polling(t, revision), revision: revision, polls: polls, backlog: backlog, sentAt: at}
						join(t, c.session, revision)
						engineiotest.EventuallyEqual(t, "clients in the room", 1, func() int { return s.library.RoomLen("/", everyone) })
						c.upgrade(t)
					})
				}
			}
		}
	}
}

// upgradingClient changes from polling to WebSocket as the official client does.
type upgradingClient struct {
	server   *server
	session  *engineiotest.Polling
	revision int
	polls    bool   // it waits for the answer to a poll whenever it may
	backlog  int    // bytes that wait for the WebSocket
	sentAt   string // the stage at which the server broadcasts, or allStages

	pending  *engineiotest.Pending
	sent     int
	received int
}

func (c *upgradingClient) upgrade(t *testing.T) {
	t.Helper()
	c.poll(t)
	c.at(t, stagePolling)
	socket := engineiotest.Dial(t, c.session.WebSocketURL())
	c.at(t, stageOpen)
	socket.Send(t, "2probe")
	socket.ExpectText(t, "3probe")
	c.at(t, stageProbed)
	c.answered(t)
	c.at(t, stagePaused)
	for waiting := 0; waiting < c.backlog; waiting += 1 << 20 {
		c.broadcast(1 << 20)
	}
	queued := c.sent - c.received
	socket.Send(t, "5")
	c.at(t, stageUpgraded)
	if queued > 0 {
		c.take(t, socket.Receive(t).Text)
	}
	c.at(t, stageDraining)
	for c.received < c.sent {
		c.take(t, socket.Receive(t).Text)
	}
	c.at(t, stageOver)
	for c.received < c.sent {
		c.take(t, socket.Receive(t).Text)
	}
	checkAlive(t, socket) // and nothing comes before the answer
	_ = socket.Close()
	c.server.expectSessions(t, 0)
}

// at broadcasts a message if the stage is the one to do it at. A client that waits for a poll then gets it, and polls again unless it has been
// told to stop.
func (c *upgradingClient) at(t *testing.T, stage string) {
	t.Helper()
	if c.sentAt != stage && c.sentAt != allStages {
		return
	}
	c.broadcast(1)
	if c.pending != nil && stage != stageProbed {
		c.answered(t)
		c.poll(t)
	}
}

func (c *upgradingClient) broadcast(length int) {
	text := fmt.Appendf(nil, `[%d,"%s"]`, c.sent, strings.Repeat("x", length))
	c.server.broadcast(codec.EncodeEvent("/", "news", codec.Arguments{JSON: text}))
	c.sent++
}

func (c *upgradingClient) poll(t *testing.T) {
	t.Helper()
	if c.polls {
		c.pending = c.session.StartGet(t)
	}
}

// answered takes the packets that answer the poll which waits, if one does.
func (c *upgradingClient) answered(t *testing.T) {
	t.Helper()
	if c.pending == nil {
		return
	}
	for _, packet := range split(t, c.revision, c.pending.Wait(t).Body) {
		if packet != "6" {
			c.take(t, packet)
		}
	}
	c.pending = nil
}

func (c *upgradingClient) take(t *testing.T, packet string) {
	t.Helper()
	if want := fmt.Sprintf(`42["news",%d,"`, c.received); !strings.HasPrefix(packet, want) {
		t.Fatalf("received %.40q, want %s", packet, want)
	}
	c.received++
}
