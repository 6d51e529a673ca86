package engineio

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// upgradingSession returns a polling session whose client has got the answer to its probe, and the client's end of the WebSocket. The
// caller is in a bubble of synctest's.
func upgradingSession(t *testing.T) (*Session, net.Conn) {
	t.Helper()
	transports := newTransports(Options{Logger: slog.New(slog.DiscardHandler)})
	transports.library = emptyLibrary{}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	s := newSession(transports, request, request.URL.Query(), codec.Revision4, nil)
	s.name(randomID())
	s.recordHeartbeat()
	ours, theirs := net.Pipe()
	go func() { // ends with the upgrade, as serveProbe
		probe := &webSocket{conn: ours, limit: maxUnconnected}
		if !s.beginProbe() {
			t.Error("a new session cannot be upgraded")
		}
		if s.probeWith(probe) != nil {
			s.endProbe()
			probe.close()
		}
	}()
	sendText(t, theirs, "2probe")
	if text, err := receiveText(theirs); err != nil || text != "3probe" {
		t.Fatalf("the probe is answered %q, %v", text, err)
	}
	return s, theirs
}

func sendText(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	var frame bytes.Buffer // so that it is one write
	if err := ws.WriteFrame(&frame, ws.MaskFrame(ws.NewTextFrame([]byte(text)))); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(frame.Bytes()); err != nil {
		t.Fatal(err)
	}
}

// receiveText returns the payload of the next frame.
func receiveText(conn net.Conn) (string, error) {
	header, err := ws.ReadHeader(conn)
	if err != nil {
		return "", err
	}
	payload := make([]byte, header.Length)
	_, err = io.ReadFull(conn, payload)
	return string(payload), err
}

func TestDrainLetsClientFinishUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := upgradingSession(t)
		s.Send(codec.NewMessage(codec.TextPacket("4last")))
		go s.Drain()
		time.Sleep(upgradeGrace / 2) // of the test's clock: a phone that is busy
		synctest.Wait()
		if s.ended() {
			t.Fatal("the session has ended while its client was about to finish its upgrade")
		}
		sendText(t, client, "5")
		if text, err := receiveText(client); err != nil || text != "4last" {
			t.Errorf("the client is sent %q, %v, want what was queued", text, err)
		}
		if text, err := receiveText(client); !errors.Is(err, io.EOF) {
			t.Errorf("the client is sent %q, %v, want the end", text, err)
		}
	})
}

func TestDrainWaitsBrieflyForUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := upgradingSession(t)
		begun := time.Now()
		s.Drain()
		if took, most := time.Since(begun), upgradeGrace+overtakeTimeout; !s.ended() || took > most { // on the test's clock
			t.Errorf("it took %v, want %v at the most; ended: %v", took, most, s.ended())
		}
		_ = client.Close()
	})
}

// Between the probe's answer and its upgrade packet the official client learns of the end from its WebSocket alone, and only after that packet.
func TestEndedSessionKeepsProbeForUpgradePacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := upgradingSession(t)
		s.Close("the test ends it")
		read := make(chan error, 1)
		go func() {
			_, err := receiveText(client)
			read <- err
		}()
		synctest.Wait()
		if len(read) > 0 {
			t.Fatalf("before its upgrade packet, the client reads from its WebSocket: %v", <-read)
		}
		sendText(t, client, "5")
		if err := <-read; !errors.Is(err, io.EOF) {
			t.Errorf("after its upgrade packet, the client reads %v, want the end", err)
		}
	})
}

// A client whose upgrade fails polls again, and its poll is told of the end.
func TestDrainTellsPollAfterFailedUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := upgradingSession(t)
		go s.Drain()
		synctest.Wait()
		_ = client.Close()
		synctest.Wait() // the upgrade has failed
		answer := httptest.NewRecorder()
		s.servePoll(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
		if body, _ := io.ReadAll(answer.Body); string(body) != "1" {
			t.Errorf("the poll is answered %q, want 1", body)
		}
	})
}
