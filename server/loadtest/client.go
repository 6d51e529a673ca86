//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// carrier is a transport: webSocket or polling.
type carrier interface {
	send(packet []byte)
	drop()
}

// kind is how a client connects.
type kind struct {
	revision int // of Engine.IO: 3 or 4
	polling  bool
}

var modern = kind{revision: 4}

// client is one Socket.IO client of the generator: a student, or a class's teacher.
type client struct {
	load     *load
	node     *node // that it connects to
	kind     kind
	revision int
	carrier  carrier
	sid      string
	connects func() // called once the namespace is connected, then nil
	acks     map[int]func(reply []byte)
	nextAck  int
	pings    time.Duration // Engine.IO 3 only: the interval at which this client has to ping
	nextPing time.Time

	user    string
	teacher bool
	class   *class
	student int // index in the class; -1 for its teacher
	marks   int // that it has sent

	seen     []uint64 // bit per student whose mark of this round has arrived here
	lastRank int32    // of the latest mark that arrived here, in the class's order
}

// connect dials; then is called when the server has confirmed the namespace.
func (c *client) connect(then func()) error {
	c.connects = then
	c.revision = c.kind.revision
	c.sid = ""
	c.acks = nil
	loop, address := c.load.loop, c.node.tcp
	if c.kind.polling {
		p := &polling{client: c}
		c.carrier = p
		var err error
		if p.poll, err = loop.dial(address, p); err != nil {
			return err
		}
		if p.post, err = loop.dial(address, p); err != nil {
			p.poll.close()
		}
		return err
	}
	w := &webSocket{client: c}
	c.carrier = w
	var err error
	w.stream, err = loop.dial(address, w)
	return err
}

// disconnect drops the transport at once, like a phone that lost its network.
func (c *client) disconnect() {
	if c.carrier != nil {
		c.carrier.drop()
		c.carrier = nil
	}
}

// lost records that the server or an error ended the connection, which no scenario expects.
func (c *client) lost(reason error) {
	c.carrier = nil
	c.load.fail(fmt.Errorf("%s lost its connection: %w", c.user, reason))
}

// query is what the requests of an established polling session add to the address.
func (c *client) query() string {
	if c.sid == "" {
		return ""
	}
	return "&sid=" + c.sid
}

// emit sends an event; ack, if not nil, gets the array of the acknowledgement.
func (c *client) emit(event, args string, ack func(reply []byte)) {
	b := append(make([]byte, 0, 64+len(args)), "42"...)
	if ack != nil {
		if c.acks == nil {
			c.acks = make(map[int]func([]byte), 1)
		}
		c.acks[c.nextAck] = ack
		b = strconv.AppendInt(b, int64(c.nextAck), 10)
		c.nextAck++
	}
	b = fmt.Appendf(b, `["%s",%s]`, event, args)
	c.send(b)
}

func (c *client) send(packet []byte) {
	if c.carrier != nil { // else lost has recorded it
		c.carrier.send(packet)
	}
}

// packet handles one Engine.IO packet. It does not keep p.
func (c *client) packet(p []byte) {
	if len(p) == 0 {
		c.load.fail(fmt.Errorf("%s got an empty packet", c.user))
		return
	}
	switch p[0] {
	case '0':
		c.handshake(p[1:])
	case '2':
		c.send([]byte("3"))
	case '3', '6':
	case '4':
		c.message(p[1:])
	default:
		c.load.fail(fmt.Errorf("%s got an unexpected packet: %.80q", c.user, p))
	}
}

func (c *client) handshake(p []byte) {
	var open struct {
		SID          string `json:"sid"`
		PingInterval int    `json:"pingInterval"`
	}
	if err := json.Unmarshal(p, &open); err != nil || open.SID == "" {
		c.load.fail(fmt.Errorf("%s got a bad handshake: %.120q", c.user, p))
		return
	}
	c.sid = open.SID
	if c.revision == 3 {
		c.pings = time.Duration(open.PingInterval) * time.Millisecond
		c.nextPing = time.Now().Add(c.pings)
		return
	}
	c.send([]byte("40"))
}

// message handles one Socket.IO packet.
func (c *client) message(p []byte) {
	switch {
	case bytes.HasPrefix(p, []byte(`2["attendanceUpdate",`)):
		c.load.update(c, p)
	case bytes.HasPrefix(p, []byte(`2["`)):
		name, _, _ := bytes.Cut(p[3:], []byte(`"`))
		c.load.event(c, name, p)
	case p[0] == '3':
		end := 1
		for end < len(p) && p[end] >= '0' && p[end] <= '9' {
			end++
		}
		id, _ := strconv.Atoi(string(p[1:end])) // a bad id is that of no acknowledgement
		ack, ok := c.acks[id]
		if !ok || end == 1 {
			c.load.fail(fmt.Errorf("%s got an acknowledgement it did not ask for: %.80q", c.user, p))
			return
		}
		delete(c.acks, id)
		ack(p[end:])
	case p[0] == '0':
		if then := c.connects; then != nil {
			c.connects = nil
			then()
		}
	default:
		c.load.fail(fmt.Errorf("%s got an unexpected message: %.120q", c.user, p))
	}
}

// heartbeat pings if that is the client's part: in Engine.IO 3.
func (c *client) heartbeat(now time.Time) {
	if c.pings > 0 && c.carrier != nil && now.After(c.nextPing) {
		c.nextPing = now.Add(c.pings)
		c.send([]byte("2"))
	}
}
