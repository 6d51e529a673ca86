package engineio

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// readBufferSize holds nearly every message of an application whole. Idle connections own no buffer.
const readBufferSize = 4096

var readBuffers = sync.Pool{New: func() any { return new([readBufferSize]byte) }}

// webSocket is the server's end of one WebSocket connection. One goroutine at a time may call next, and one at a time
// tryWrite or write; close may be called by anybody.
type webSocket struct {
	conn net.Conn

	// raw is nil where conn hides its descriptor (TLS, tests): then reads keep a buffer and tryWrite writes nothing.
	raw syscall.RawConn
	// descriptor is the one behind raw. After close it may be another connection's, so only tryWrite uses it, and the session closes
	// the connection in the goroutine that writes.
	descriptor uintptr

	limit int // bytes of one message, of the reading goroutine

	buffer     *[readBufferSize]byte // nil while nothing has arrived
	start, end int                   // of what has arrived and not been used yet

	// One attempt to read, with its result: a closure given to raw would be allocated each time.
	readAttempt func(fd uintptr) (done bool)
	readCount   int
	readError   error

	gone atomic.Bool // reading has failed, so a close frame would not arrive
}

// upgradeWebSocket checks the opening handshake (RFC 6455, section 4.2) and takes the connection away from the HTTP server.
// It answers the handshake in a write of its own: a client that adds its listeners when it knows that the WebSocket is open must not
// find the first message there already. Until receive raises the limit, messages are those of a client without a namespace.
func upgradeWebSocket(w http.ResponseWriter, r *http.Request) (*webSocket, error) {
	if !isOpeningHandshake(r.Header) {
		return nil, codec.ErrBadFrame
	}
	ws, err := hijack(w)
	if err != nil {
		return nil, err
	}
	if err := ws.writeAnswer(openingAnswer(r.Header)); err != nil {
		ws.close()
		return nil, err
	}
	return ws, nil
}

// isOpeningHandshake returns whether a request's header asks for a WebSocket, as RFC 6455, section 4.2.1 requires it.
func isOpeningHandshake(header http.Header) bool {
	key, err := base64.StdEncoding.DecodeString(header.Get("Sec-WebSocket-Key"))
	return err == nil && len(key) == 16 && hasToken(header, "Connection", "upgrade") && hasToken(header, "Upgrade", "websocket") &&
		header.Get("Sec-WebSocket-Version") == "13"
}

// hijack takes the connection away from the HTTP server, with what the client has sent already: it need not wait for the answer.
func hijack(w http.ResponseWriter) (*webSocket, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	ws := &webSocket{conn: conn, limit: maxUnconnected}
	if early := buffered.Reader.Buffered(); early > 0 {
		ws.buffer = readBuffers.Get().(*[readBufferSize]byte)
		ws.end, err = io.ReadFull(buffered.Reader, ws.buffer[:min(early, readBufferSize)])
		if err != nil || early > readBufferSize {
			_ = conn.Close() // the handshake fails anyway
			return nil, codec.ErrBadFrame
		}
	}
	if err := ws.useDescriptor(); err != nil {
		_ = conn.Close() // the error says more
		return nil, err
	}
	return ws, nil
}

// useDescriptor makes reads and tryWrite use the connection's descriptor, if it has one.
func (ws *webSocket) useDescriptor() (err error) {
	owner, ok := ws.conn.(syscall.Conn)
	if !ok || !canReadOnce {
		return nil
	}
	if ws.raw, err = owner.SyscallConn(); err != nil {
		return err
	}
	ws.readAttempt = ws.attemptRead
	return ws.raw.Control(func(fd uintptr) { ws.descriptor = fd })
}

// openingAnswer returns the answer to an opening handshake.
func openingAnswer(header http.Header) []byte {
	accept := sha1.Sum([]byte(header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(accept[:]) + chosenProtocol(header) + "\r\n\r\n")
}

const handshakeWriteTimeout = 10 * time.Second

// writeAnswer writes the answer to the opening handshake. A new connection takes it at once, without a deadline.
func (ws *webSocket) writeAnswer(answer []byte) error {
	written, err := ws.tryWrite(answer)
	if err != nil || written == len(answer) {
		return err
	}
	return ws.write(time.Now().Add(handshakeWriteTimeout), answer[written:])
}

// chosenProtocol returns the answer's header line for the first subprotocol that the client offers, as the official server chooses: a
// client that offers some closes the connection if none is chosen.
func chosenProtocol(header http.Header) string {
	first, _, _ := strings.Cut(header.Get("Sec-WebSocket-Protocol"), ",")
	if first = strings.TrimSpace(first); first == "" {
		return ""
	}
	return "\r\nSec-WebSocket-Protocol: " + first
}

// hasToken returns whether a comma-separated header contains a token, whatever its case.
func hasToken(header http.Header, name, token string) bool {
	for _, value := range header.Values(name) {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// next returns the next whole message. Its data are good until next is called again. Pings, pongs and the closing handshake
// go to control, whose payload is good only during the call. The error is io.EOF after a closing handshake, codec.ErrBadFrame or
// codec.ErrTooBig when the peer broke the protocol, or the connection's own. After an error it must not be called again.
func (ws *webSocket) next(control func(opcode byte, payload []byte)) (binary bool, data []byte, err error) {
	if binary, data, err = ws.message(control); err != nil {
		ws.release()
	}
	return binary, data, err
}

func (ws *webSocket) message(control func(opcode byte, payload []byte)) (binary bool, data []byte, err error) {
	var opcode byte
	var message []byte // grows with what arrives, never with what a header promises
	for {
		header, err := ws.header()
		if err != nil {
			return false, nil, err
		}
		if header.Opcode&0x8 != 0 {
			payload, err := ws.payload(header)
			if err != nil {
				return false, nil, err
			}
			if control != nil {
				control(header.Opcode, payload)
			}
			if header.Opcode == codec.OpcodeClose {
				return false, nil, io.EOF
			}
			continue
		}
		if first := opcode == 0; first == (header.Opcode == codec.OpcodeContinuation) {
			return false, nil, codec.ErrBadFrame
		} else if first {
			opcode = header.Opcode
		}
		if len(message)+header.Length > ws.limit {
			return false, nil, codec.ErrTooBig
		}
		if header.Final && message == nil && header.Length <= readBufferSize {
			data, err = ws.payload(header)
		} else if message, err = ws.appendPayload(message, header); err == nil {
			data = message
		}
		if err != nil {
			return false, nil, err
		}
		if header.Final {
			if opcode == codec.OpcodeText && !utf8.Valid(data) {
				return false, nil, codec.ErrBadFrame
			}
			return opcode == codec.OpcodeBinary, data, nil
		}
		if message == nil {
			message = []byte{} // an empty first fragment is a fragment
		}
	}
}

func (ws *webSocket) header() (codec.FrameHeader, error) {
	for {
		header, ok, err := codec.ParseFrameHeader(ws.arrived(), ws.limit)
		if ok || err != nil {
			ws.start += header.Size
			return header, err
		}
		if err := ws.fill(); err != nil {
			return header, err
		}
	}
}

// payload returns a frame's payload where it stands in the buffer, which must be large enough for it.
func (ws *webSocket) payload(header codec.FrameHeader) ([]byte, error) {
	for ws.end-ws.start < header.Length {
		if err := ws.fill(); err != nil {
			return nil, err
		}
	}
	data := ws.arrived()[:header.Length]
	ws.start += header.Length
	codec.Unmask(data, header.Mask, 0)
	return data, nil
}

func (ws *webSocket) appendPayload(message []byte, header codec.FrameHeader) ([]byte, error) {
	for position := 0; position < header.Length; {
		if ws.start == ws.end {
			if err := ws.fill(); err != nil {
				return nil, err
			}
		}
		part := ws.arrived()
		part = part[:min(len(part), header.Length-position)]
		ws.start += len(part)
		position = codec.Unmask(part, header.Mask, position)
		message = append(message, part...)
	}
	return message, nil
}

func (ws *webSocket) arrived() []byte {
	if ws.buffer == nil {
		return nil
	}
	return ws.buffer[ws.start:ws.end]
}

// fill waits until more bytes have arrived. While it waits with nothing kept, the connection has no buffer.
func (ws *webSocket) fill() error {
	if ws.start == ws.end {
		ws.release()
	} else if ws.start > 0 {
		ws.end = copy(ws.buffer[:], ws.buffer[ws.start:ws.end])
		ws.start = 0
	}
	err := ws.read()
	if err != nil {
		ws.gone.Store(true)
	}
	return err
}

func (ws *webSocket) read() error {
	if ws.raw == nil {
		ws.acquire()
		n, err := ws.conn.Read(ws.buffer[ws.end:])
		ws.end += n
		if n > 0 {
			return nil
		}
		return err
	}
	if err := ws.raw.Read(ws.readAttempt); err != nil {
		return err
	}
	if ws.readError != nil {
		return ws.readError
	}
	if ws.readCount == 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// await waits until something has arrived, unless it has already. An error shows at the next read.
func (ws *webSocket) await() {
	if ws.raw != nil && ws.start == ws.end {
		ws.release()
		_ = ws.raw.Read(ws.readAttempt)
	}
}

func (ws *webSocket) acquire() {
	if ws.buffer == nil {
		ws.buffer = readBuffers.Get().(*[readBufferSize]byte)
	}
}

func (ws *webSocket) release() {
	ws.start, ws.end = 0, 0
	if ws.buffer != nil {
		readBuffers.Put(ws.buffer)
		ws.buffer = nil
	}
}

// attemptRead reads once. It is done unless nothing has arrived: then it gives the buffer back, and is called again when
// something has.
func (ws *webSocket) attemptRead(fd uintptr) bool {
	ws.acquire()
	ws.readCount, ws.readError = readOnce(fd, ws.buffer[ws.end:])
	if errors.Is(ws.readError, syscall.EAGAIN) {
		if ws.end == 0 {
			ws.release()
		}
		return false
	}
	ws.end += ws.readCount
	return true
}

// tryWrite writes as much of data as the connection takes at once. Fewer bytes than len(data) without an error mean that the peer is
// behind.
func (ws *webSocket) tryWrite(data []byte) (int, error) {
	if ws.raw == nil {
		return 0, nil
	}
	return attempted(writeOnce(ws.descriptor, data))
}

// attempted returns the result of an attempt to write, without the error of a socket that took nothing at once.
func attempted(written int, err error) (int, error) {
	if errors.Is(err, syscall.EAGAIN) {
		err = nil
	}
	return written, err
}

// write writes everything, waiting for the peer until deadline, which is for this call alone.
func (ws *webSocket) write(deadline time.Time, parts ...[]byte) error {
	if err := ws.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	buffers := net.Buffers(parts)
	if _, err := buffers.WriteTo(ws.conn); err != nil {
		return err
	}
	return ws.conn.SetWriteDeadline(time.Time{})
}

// cut makes every write fail, the one that waits included. The goroutine that writes closes the connection then.
func (ws *webSocket) cut() {
	if conn, ok := ws.conn.(interface{ CloseWrite() error }); ok && ws.raw != nil {
		_ = conn.CloseWrite() // it is broken already
		return
	}
	ws.close() // nothing uses its descriptor
}

// close closes the connection. More calls than one do no harm.
func (ws *webSocket) close() {
	_ = ws.conn.Close() // it is closed or broken already
}
