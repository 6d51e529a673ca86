package modelstest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Fault is what a Relay does to a connection. A number of at least 1000 is that of an error with which it answers a statement,
// which it does not pass on to the server.
type Fault int

// The faults. Those up to Reset end the connection.
const (
	Timeout4031 Fault = iota // error 4031, as MySQL sends it to who was idle for too long, then the end
	End                      // the end, in order
	Reset                    // a reset
	Swallow                  // what comes from now on, from either side, goes nowhere
	LoseAnswer               // the statement reaches the server, its answer is lost with the connection
	Vanish                   // what comes from now on, from either side, goes nowhere, and the server does not learn that the client has gone
	Pass                     // nothing
)

// Relay stands between a store and MariaDB and speaks enough of MySQL's protocol to inject a fault at a chosen statement.
type Relay struct {
	listener net.Listener
	done     sync.WaitGroup

	mu          sync.Mutex
	server      *Server
	connections map[*relayed]bool
	choose      func(statement string) Fault // nil: Pass for all
	made        int
}

// NewRelay returns a relay to server, which ends with the test.
func NewRelay(t testing.TB, server *Server) *Relay {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{listener: listener, server: server, connections: map[*relayed]bool{}}
	r.done.Go(r.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		r.mu.Lock()
		for c := range r.connections {
			c.close()
		}
		r.mu.Unlock()
		r.done.Wait()
	})
	return r
}

// DSN returns how to reach a schema of the server through the relay.
func (r *Relay) DSN(schema string) string {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = User, Password, "tcp", r.listener.Addr().String(), schema
	return config.FormatDSN()
}

// Switch makes new connections lead to another server. Those that are open stay.
func (r *Relay) Switch(server *Server) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.server = server
}

// AtStatement has choose called with each text that a client sends, which says what becomes of it; nil stops that.
func (r *Relay) AtStatement(choose func(statement string) Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.choose = choose
}

// AtRest does a fault to all connections that are open, none of which may be in use, and returns how many these were.
func (r *Relay) AtRest(fault Fault) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.connections {
		c.inject(fault)
	}
	return len(r.connections)
}

// Made returns how many connections there have been.
func (r *Relay) Made() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.made
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		server, err := net.Dial("unix", r.server.socket())
		if err != nil {
			_ = client.Close()
		} else {
			c := &relayed{client: client.(*net.TCPConn), server: server}
			r.connections[c] = true
			r.made++
			r.done.Go(func() { c.toClient() })
			r.done.Go(func() {
				c.toServer(r.chosen)
				if c.hasVanished() {
					_ = c.client.Close()
					return
				}
				c.close()
				r.mu.Lock()
				delete(r.connections, c)
				r.mu.Unlock()
			})
		}
		r.mu.Unlock()
	}
}

func (r *Relay) chosen(statement string) Fault {
	r.mu.Lock()
	choose := r.choose
	r.mu.Unlock()
	if choose == nil {
		return Pass
	}
	return choose(statement)
}

// relayed is one connection.
type relayed struct {
	client *net.TCPConn
	server net.Conn

	mu       sync.Mutex
	silent   bool // nothing more reaches the client
	lost     bool // the next answer ends the connection
	vanished bool // the connection to the server stays open until the test ends
}

func (c *relayed) close() {
	_ = c.client.Close()
	_ = c.server.Close()
}

// toServer passes packets on, and asks about those that are statements.
func (c *relayed) toServer(choose func(string) Fault) {
	const query = 3 // COM_QUERY
	for {
		packet, err := readPacket(c.client)
		if err != nil {
			return
		}
		if packet[3] == 0 && len(packet) > 4 && packet[4] == query {
			fault := choose(string(packet[5:]))
			if fault >= 1000 {
				if _, err := c.client.Write(errorPacket(1, uint16(fault), "as a test wants it")); err != nil {
					return
				}
				continue
			}
			c.inject(fault)
		}
		if c.isSilent() {
			continue
		}
		if _, err := c.server.Write(packet); err != nil {
			return
		}
	}
}

// readPacket reads one packet with its header: three bytes of length and one of the sequence.
func readPacket(r io.Reader) ([]byte, error) {
	header := make([]byte, 4)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	packet := make([]byte, 4+(int(header[0])|int(header[1])<<8|int(header[2])<<16))
	copy(packet, header)
	_, err := io.ReadFull(r, packet[4:])
	return packet, err
}

func (c *relayed) toClient() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(buffer)
		if n > 0 && !c.passes(buffer[:n]) || err != nil && !c.isSilent() {
			_ = c.client.Close()
			return
		}
		if err != nil {
			return
		}
	}
}

// passes gives data to the client, unless a fault says otherwise. It tells whether the connection goes on.
func (c *relayed) passes(data []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost {
		return false
	}
	if c.silent {
		return true
	}
	_, err := c.client.Write(data)
	return err == nil
}

func (c *relayed) isSilent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.silent
}

func (c *relayed) hasVanished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.vanished
}

func (c *relayed) inject(fault Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch fault {
	case Timeout4031:
		_, _ = c.client.Write(errorPacket(0, 4031, "The client was disconnected by the server because of inactivity."))
		_ = c.client.CloseWrite()
		_ = c.server.Close()
		c.silent = true
	case End:
		_ = c.client.CloseWrite()
		_ = c.server.Close()
		c.silent = true
	case Reset:
		_ = c.client.SetLinger(0)
		c.close()
	case Swallow:
		c.silent = true
	case LoseAnswer:
		c.lost = true
	case Vanish:
		c.silent, c.vanished = true, true
	case Pass:
	}
}

// errorPacket is a server's error: with the sequence 1 it answers a statement, with 0 there was none.
func errorPacket(sequence byte, number uint16, text string) []byte {
	var body bytes.Buffer
	body.WriteByte(0xff)
	_ = binary.Write(&body, binary.LittleEndian, number)
	body.WriteString("#HY000" + text)
	return append([]byte{byte(body.Len()), byte(body.Len() >> 8), 0, sequence}, body.Bytes()...)
}

// FirstOf returns a choice for AtStatement: fault at the first statement that contains part, and nothing afterwards. The
// variables of a new connection do not count. Calling happened tells whether it came to that.
func FirstOf(part string, fault Fault) (choose func(string) Fault, happened func() bool) {
	var mu sync.Mutex
	done := false
	choose = func(statement string) Fault {
		mu.Lock()
		defer mu.Unlock()
		if done || strings.HasPrefix(statement, "SET ") || !strings.Contains(statement, part) {
			return Pass
		}
		done = true
		return fault
	}
	return choose, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return done
	}
}
