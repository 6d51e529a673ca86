//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// polling carries the packets of one client over two keep-alive HTTP connections, as a browser does: one always has a
// GET waiting, the other posts. Servers close the latter when it has been idle for some seconds; it is dialled again
// for the next POST, or for the same one when that crossed with the closing.
type polling struct {
	client  *client
	poll    *stream
	post    *stream
	posting bool
	used    bool   // the posting connection has carried a request before
	body    []byte // of the POST under way
	pending []byte // packets that wait for it
}

func (p *polling) opened(s *stream) {
	if s == p.poll {
		p.get()
	} else if p.posting {
		p.request()
	}
}

func (p *polling) get() {
	c := p.client
	p.poll.write(fmt.Appendf(nil, "GET /socket.io/?EIO=%d&transport=polling%s HTTP/1.1\r\nHost: %s\r\n\r\n",
		c.revision, c.query(), c.node.address))
}

func (p *polling) received(s *stream, data []byte) (used int, err error) {
	status, body, used, err := nextResponse(data)
	if err != nil || used == 0 {
		return 0, err
	}
	if status != 200 {
		return used, fmt.Errorf("HTTP status %d: %.120q", status, body)
	}
	if s == p.post {
		p.posting, p.used = false, true
		p.flush()
		return used, nil
	}
	if err := eachPacket(p.client.revision, body, p.client.packet); err != nil {
		return used, err
	}
	if !s.isClosed {
		p.get()
	}
	return used, nil
}

func (p *polling) closed(s *stream, reason error) {
	switch {
	case s == p.post && p.used && p.posting:
		p.request()
	case s == p.post && p.used:
	default:
		p.drop()
		p.client.lost(reason)
	}
}

func (p *polling) send(packet []byte) {
	p.pending = appendPacket(p.client.revision, p.pending, packet)
	p.flush()
}

// flush posts what is pending unless a POST is under way.
func (p *polling) flush() {
	if p.posting || len(p.pending) == 0 {
		return
	}
	p.posting = true
	p.body, p.pending = p.pending, p.body[:0]
	p.request()
}

// request posts the body as soon as there is a connection.
func (p *polling) request() {
	c := p.client
	if p.post.isClosed {
		post, err := c.load.loop.dial(c.node.tcp, p)
		if err != nil {
			p.drop()
			c.lost(err)
			return
		}
		p.post, p.used = post, false
	}
	if p.post.connecting {
		return // opened comes back here
	}
	request := fmt.Appendf(nil, "POST /socket.io/?EIO=%d&transport=polling%s HTTP/1.1\r\nHost: %s\r\n"+
		"Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n\r\n", c.revision, c.query(), c.node.address, len(p.body))
	p.post.write(append(request, p.body...))
}

func (p *polling) drop() {
	p.poll.close()
	p.post.close()
}

// appendPacket appends a packet to the body of a POST.
func appendPacket(revision int, body, packet []byte) []byte {
	if revision == 3 {
		body = strconv.AppendInt(body, int64(utf8.RuneCount(packet)), 10)
		body = append(body, ':')
	} else if len(body) > 0 {
		body = append(body, 0x1e)
	}
	return append(body, packet...)
}

// eachPacket calls packet with each packet of a polled body. Engine.IO 3 counts in UTF-16 units; the generator's own
// names are ASCII, and everything that comes back is made of them.
func eachPacket(revision int, body []byte, packet func([]byte)) error {
	for len(body) > 0 {
		if revision == 3 {
			prefix, rest, _ := bytes.Cut(body, []byte(":"))
			n, err := strconv.Atoi(string(prefix))
			if err != nil || n < 1 || n > len(rest) {
				return fmt.Errorf("polled body is no Engine.IO 3 payload: %.60q", body)
			}
			packet(rest[:n])
			body = rest[n:]
			continue
		}
		first, rest, _ := bytes.Cut(body, []byte{0x1e})
		if len(first) == 0 {
			return fmt.Errorf("polled body holds an empty packet: %.60q", body)
		}
		packet(first)
		body = rest
	}
	return nil
}

// nextResponse cuts the first HTTP/1.1 response off data; size 0 says that the rest has not come yet.
func nextResponse(data []byte) (status int, body []byte, size int, err error) {
	headerEnd := bytes.Index(data, []byte("\r\n\r\n"))
	if headerEnd < 0 {
		return 0, nil, 0, nil
	}
	header, rest := data[:headerEnd+2], data[headerEnd+4:]
	if len(header) < 12 || !bytes.HasPrefix(header, []byte("HTTP/1.1 ")) {
		return 0, nil, 0, fmt.Errorf("no HTTP/1.1 response: %.60q", data)
	}
	if status, err = strconv.Atoi(string(header[9:12])); err != nil {
		return 0, nil, 0, fmt.Errorf("no HTTP status: %.60q", data)
	}
	if value, ok := headerValue(header, "content-length"); ok {
		n, err := strconv.Atoi(string(value))
		if err != nil || n < 0 || n > maxMessage {
			return 0, nil, 0, fmt.Errorf("content length %q", value)
		}
		if len(rest) < n {
			return 0, nil, 0, nil
		}
		return status, rest[:n], headerEnd + 4 + n, nil
	}
	if _, ok := headerValue(header, "transfer-encoding"); !ok {
		return 0, nil, 0, errors.New("HTTP response without a length")
	}
	body, n, err := joinChunks(rest)
	if err != nil || n == 0 {
		return 0, nil, 0, err
	}
	return status, body, headerEnd + 4 + n, nil
}

// headerValue finds a header by its lower-case name; header ends with the last line's break.
func headerValue(header []byte, name string) (value []byte, ok bool) {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		key, value, found := bytes.Cut(line, []byte(":"))
		if found && len(key) == len(name) && bytes.EqualFold(key, []byte(name)) {
			return bytes.TrimSpace(value), true
		}
	}
	return nil, false
}

// joinChunks joins a chunked body; size 0 says that its end has not come yet.
func joinChunks(data []byte) (body []byte, size int, err error) {
	for {
		line, _, found := bytes.Cut(data[size:], []byte("\r\n"))
		if !found {
			return nil, 0, nil
		}
		n, err := strconv.ParseUint(string(line), 16, 32)
		if err != nil || n > maxMessage {
			return nil, 0, fmt.Errorf("chunk size %.20q", line)
		}
		start := size + len(line) + 2
		end := start + int(n)
		if len(data) < end+2 {
			return nil, 0, nil
		}
		body = append(body, data[start:end]...)
		size = end + 2
		if n == 0 {
			return body, size, nil
		}
	}
}
