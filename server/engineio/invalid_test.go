package engineio_test

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	socketio "github.com/googollee/go-socket.io"
	"github.com/googollee/go-socket.io/parser"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// withLibraryHandlers adds an event whose arguments the library decodes, attachments included, and one that asks for an
// acknowledgement with an attachment.
func withLibraryHandlers(s *server) {
	s.library.OnEvent("/", "decoded", func(socketio.Conn, *parser.Buffer, []*parser.Buffer, map[string]any) {})
	s.library.OnEvent("/", "ask", func(conn socketio.Conn) {
		conn.Emit("question", func(*parser.Buffer) { conn.Emit("answered") })
	})
}

func TestInvalidPacketClosesOnlyItsSession(t *testing.T) {
	s := serve(t, engineio.Options{}, withLibraryHandlers)
	other := s.connected(t, 4)
	const attached = "\x00" // stands for a binary message
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	cases := map[string][]string{
		"an Engine.IO type that is none":         {"7"},
		"no Engine.IO type":                      {""},
		"an OPEN":                                {"0{}"},
		"a ping in revision 4":                   {"2"},
		"a Socket.IO type that is none":          {"47"},
		"no Socket.IO type":                      {"4"},
		"a payload that is no array":             {`42{"0":"echo"}`},
		"a payload that is no JSON":              {`42["echo",}]`},
		"a payload with something behind it":     {`42["echo"]x`},
		"no payload":                             {"42"},
		"no event name":                          {"42[]"},
		"an event name that is no string":        {"42[1]"},
		"an event name of the socket's own":      {`42["disconnect"]`},
		"the same, escaped":                      {`42["\u0064isconnect"]`},
		"an ack id that is none":                 {`42-1["echo"]`},
		"an ack id over 2^53":                    {`429999999999999999["echo"]`},
		"an ack id of a megabyte":                {"42" + strings.Repeat("1", 900_000) + `["echo"]`},
		"a namespace of a megabyte":              {"40/" + strings.Repeat("n", 900_000)},
		"a namespace that is not connected":      {`42/other,["echo"]`},
		"a namespace connected twice":            {"40"},
		"a CONNECT with no object":               {"40/other,[]"},
		"a CONNECT with broken JSON":             {`40/other,{"a"}`},
		"a DISCONNECT with a payload":            {"41{}"},
		"a connect error":                        {`44{"message":"you are refused"}`},
		"JSON 20,000 deep":                       {`42["echo",` + deep + "]"},
		"auth 20,000 deep":                       {`40/other,{"a":` + deep + "}"},
		"attachments before they are announced":  {attached},
		"a text before all attachments are here": {`452-["echo"]`, attached, `42["echo"]`},
		"attachments over the limit together":    {`452-["echo"]`, attached + strings.Repeat("x", 600_000), attached + strings.Repeat("x", 600_000)},
		"no number of attachments":               {`45-["echo"]`},
		"a negative number of attachments":       {`45-1-["echo"]`},
	}
	for _, count := range []string{"11", "99", "255", "256", "999", "65536", "2147483648", "9999999999", "18446744073709551615", "99999999999999999999999"} {
		cases[count+" attachments of an event"] = []string{"45" + count + `-["decoded",{"_placeholder":true,"num":0}]`}
		cases[count+" attachments of an ack"] = []string{"46" + count + `-1[{"_placeholder":true,"num":0}]`}
	}
	for _, number := range []string{"1", "10", "255", "4294967296", "18446744073709551615", "1e300", "1e999"} {
		placeholder := `{"_placeholder":true,"num":` + number + "}"
		cases["placeholder "+number+" of an event"] = []string{`451-["decoded",` + placeholder + "]", attached}
		cases["placeholder "+number+" in an argument"] = []string{`451-["decoded",null,[` + placeholder + "]]", attached}
		cases["placeholder "+number+" of an ack"] = []string{`451-1[` + placeholder + "]", attached}
	}
	for name, event := range map[string]string{
		"without attachments": `{"_placeholder":true,"num":0}`,
		"without a number":    `{"_placeholder":true}`,
		"in capitals":         `{"_PLACEHOLDER":true,"NUM":9}`,
		"named twice":         `{"_placeholder":true,"num":9,"Num":0}`,
		"that is not true":    `{"_placeholder":1,"num":9}`,
	} {
		cases["a placeholder "+name] = []string{`42["decoded",` + event + "]"}
	}

	for name, packets := range cases {
		t.Run(name, func(t *testing.T) {
			socket := s.connected(t, 4)
			for _, packet := range packets {
				if data, isBinary := strings.CutPrefix(packet, attached); isBinary {
					socket.SendBinary(t, []byte(data)...)
				} else {
					socket.Send(t, packet)
				}
			}
			if received := socket.ExpectClosed(t); len(received) > 0 {
				t.Errorf("answered by %.100q", received)
			}
		})
	}
	checkAlive(t, other)
	s.expectSessions(t, 1)
}

// Whatever an acknowledgement holds, it is counted and dropped by its head: nothing decodes it.
func TestAcknowledgementIsCountedUndecoded(t *testing.T) {
	const attached = "attached:"
	const id = "431"
	for name, packet := range map[string]string{
		"nothing":             "43",
		"an array":            "431[]",
		"no id":               `43["nothing"]`,
		"broken JSON":         id + strings.Repeat("[{", 400_000),
		"no array":            id + "null",
		"a wrong placeholder": `431[{"_placeholder":true,"num":7}]`,
		"attachments":         `461-1[{"_placeholder":true,"num":3}]` + attached + "xy",
		"binary without any":  "460-1{",
	} {
		t.Run(name, func(t *testing.T) {
			counted := make(chan bool, 2)
			s := serve(t, engineio.Options{}, func(s *server) {
				s.HandleOthers("/", func(_ socketio.Conn, event engineio.Event) { counted <- event.IsAcknowledgement() })
			})
			socket := s.connected(t, 4)
			text, attachment, hasAttachment := strings.Cut(packet, attached)
			socket.Send(t, text)
			if hasAttachment {
				socket.SendBinary(t, []byte(attachment)...)
			}
			socket.Send(t, `42["unknown"]`)
			for _, want := range []bool{true, false} {
				select {
				case got := <-counted:
					if got != want {
						t.Error("it did not come as one acknowledgement before the event")
					}
				case <-time.After(engineiotest.Deadline):
					t.Fatal("it was not counted")
				}
			}
			checkAlive(t, socket)
		})
	}
}

func TestUnusualValidPacketKeepsSession(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	socket := s.connected(t, 4)
	long := strings.Repeat("n", 900_000)
	socket.Send(t,
		`42["`+long+`"]`,     // an unknown event
		`42[ "nobody" , 1 ]`, // the same, with spaces
		`431[]`,              // acknowledges what was never asked
		`43["nothing"]`,      // acknowledges nothing at all
		"6",                  // noop
		"3",                  // a pong without a ping
		"5",                  // an upgrade where nothing is upgraded
		`4210["acknowledge","`+long+`"]`)
	socket.ExpectText(t, `4310["`+long+`"]`)
	checkAlive(t, socket)
}

func TestLibraryHandlerGetsWholeEventName(t *testing.T) {
	const name = `a,b]c["d\é`
	s := serve(t, engineio.Options{}, func(s *server) {
		s.library.OnEvent("/", name, func(conn socketio.Conn, text string) { conn.Emit("got", text) })
	})
	socket := s.connected(t, 4)
	socket.Send(t, `42["a,b]c[\"d\\\u00e9","x"]`)
	socket.ExpectText(t, `42["got","x"]`)
}

func TestMissingAttachmentClosesSession(t *testing.T) {
	s := serve(t, engineio.Options{AttachmentTimeout: 500 * time.Millisecond}, nil)
	for _, revision := range []int{3, 4} {
		socket := s.connected(t, revision)
		socket.Send(t, `452-["echo"]`)
		if revision == 3 {
			socket.SendBinary(t, 4, 1)
		} else {
			socket.SendBinary(t, 1)
		}
		socket.ExpectClosed(t)
	}
	s.expectSessions(t, 0)
}

func TestInvalidFrameClosesSession(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	other := s.connected(t, 4)
	masked := func(frame ws.Frame) []byte { return ws.MustCompileFrame(ws.MaskFrameInPlace(frame)) }
	opcode := func(code ws.OpCode, final bool, payload string) []byte {
		return masked(ws.NewFrame(code, final, []byte(payload)))
	}
	huge := append([]byte{0x81, 0xff}, binary.BigEndian.AppendUint64(nil, 1<<62)...)
	compressed := masked(ws.Frame{Header: ws.Header{Fin: true, Rsv: ws.Rsv(true, false, false), OpCode: ws.OpText, Length: 2}, Payload: []byte("2x")})
	for name, data := range map[string][]byte{
		"no mask":                        ws.MustCompileFrame(ws.NewTextFrame([]byte("6"))),
		"compression not negotiated":     compressed,
		"an unknown opcode":              opcode(3, true, "6"),
		"an unknown control opcode":      opcode(11, true, ""),
		"a control frame in pieces":      opcode(ws.OpPing, false, ""),
		"a long control frame":           opcode(ws.OpPing, true, strings.Repeat("x", 126)),
		"a continuation of nothing":      opcode(ws.OpContinuation, true, "6"),
		"a message inside another":       append(opcode(ws.OpText, false, "6"), opcode(ws.OpText, true, "6")...),
		"invalid UTF-8":                  opcode(ws.OpText, true, "42[\"echo\",\"\xff\"]"),
		"UTF-8 cut short":                opcode(ws.OpText, true, "42[\"echo\",\"\xe2\x82"),
		"surrogates in UTF-8":            opcode(ws.OpText, true, "42[\"echo\",\"\xed\xa0\x80\"]"),
		"invalid UTF-8 in pieces":        append(opcode(ws.OpText, false, "42[\"\xff"), opcode(ws.OpContinuation, true, "\"]")...),
		"a length over the limit":        append(huge, 0, 0, 0, 0),
		"a length with the sign bit":     append([]byte{0x81, 0xff, 0xff}, make([]byte, 11)...),
		"pieces over the limit together": append(opcode(ws.OpText, false, strings.Repeat("6", 700_000)), opcode(ws.OpContinuation, true, strings.Repeat("6", 700_000))...),
		"a close":                        opcode(ws.OpClose, true, ""),
	} {
		t.Run(name, func(t *testing.T) {
			socket := s.connected(t, 4)
			_, _ = socket.Write(data) // the server may close before it has read all
			if received := socket.ExpectClosed(t); len(received) > 0 {
				t.Errorf("answered by %.100q", received)
			}
		})
	}
	checkAlive(t, other)
	s.expectSessions(t, 1)
}

func TestFragmentedMessageIsAssembled(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	socket := s.connected(t, 4)
	packet := `42["echo","` + strings.Repeat("é", 5000) + `"]`
	for i := range len(packet) {
		code := ws.OpContinuation
		if i == 0 {
			code = ws.OpText
		}
		socket.SendFrame(t, ws.NewFrame(code, i == len(packet)-1, []byte(packet[i:i+1])))
		if i == 100 {
			socket.SendFrame(t, ws.NewPingFrame([]byte("are you there"))) // between two pieces, as the RFC allows
			socket.ExpectText(t, "pong:are you there")
		}
	}
	socket.ExpectText(t, strings.Replace(packet, "echo", "back", 1))
}

func TestInvalidPayloadClosesSession(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	for name, c := range map[string]struct {
		revision int
		body     string
	}{
		"nothing":                         {4, ""},
		"an empty packet":                 {4, "6\x1e\x1e6"},
		"20,000 packets":                  {4, strings.Repeat("6\x1e", 19_999) + "6"},
		"bad base64":                      {4, "b!!!!"},
		"base64 without padding":          {4, "bAQIDBA"},
		"invalid UTF-8":                   {4, "42[\"echo\",\"\xff\"]"},
		"revision 3 sent to 4":            {4, `9:42["echo"]`},
		"nothing, revision 3":             {3, ""},
		"20,000 packets, revision 3":      {3, strings.Repeat("1:6", 20_000)},
		"bad base64, revision 3":          {3, "6:b4!!!!"},
		"a binary ping, revision 3":       {3, "6:b2AAAA"},
		"a length that is none":           {3, ":6"},
		"a negative length":               {3, "-1:6"},
		"a length of zero":                {3, "0:1:6"},
		"a length over the body":          {3, "2:6"},
		"a length over everything":        {3, "99999999999999999999:6"},
		"a length inside a character":     {3, "2:4\U0001F600"},
		"invalid UTF-8, revision 3":       {3, "2:4\xff"},
		"something behind the last one":   {3, "1:6x"},
		"a length of a thousand digits":   {3, strings.Repeat("1", 1000) + ":6"},
		"a length that is no plain digit": {3, "1e1:6666666666"},
	} {
		t.Run(name, func(t *testing.T) {
			session := s.polling(t, c.revision)
			join(t, session, c.revision)
			if response := session.Post(t, c.body); response.Status != http.StatusBadRequest {
				t.Errorf("answered %d %q, want 400", response.Status, response.Body)
			}
			s.expectSessions(t, 0)
		})
	}
	for name, body := range map[string]string{
		"a kind that is none":       "\x02\x01\xff6",
		"no length":                 "\x00\xff6",
		"no end of the length":      "\x00\x01",
		"a digit that is none":      "\x00\x0a\xff6666666666",
		"a length over the body":    "\x00\x02\xff6",
		"a length over everything":  "\x00" + strings.Repeat("\x09", 11) + "\xff6",
		"a length of zero":          "\x00\x00\xff",
		"binary that is no message": "\x01\x02\xff\x02\x00",
		"invalid UTF-8":             "\x00\x02\xff4\xff",
		"20,000 packets":            strings.Repeat("\x00\x01\xff6", 20_000),
	} {
		t.Run("binary, revision 3: "+name, func(t *testing.T) {
			session := s.polling(t, 3)
			response := engineiotest.Do(t, engineiotest.NewHTTPClient(t), http.MethodPost, session.URL, body, "Content-Type", "application/octet-stream")
			if response.Status != http.StatusBadRequest {
				t.Errorf("answered %d %q, want 400", response.Status, response.Body)
			}
			s.expectSessions(t, 0)
		})
	}
}

func TestPayloadOf10000PacketsIsAccepted(t *testing.T) {
	s := serve(t, engineio.Options{QueuePackets: 20_000}, nil)
	session := s.polling(t, 4)
	session.Post(t, "40")
	session.Get(t)
	packets := make([]string, 10_000)
	for i := range packets {
		packets[i] = fmt.Sprintf(`42["echo",%d]`, i)
	}
	if response := session.Post(t, strings.Join(packets, "\x1e")); response.Body != "ok" {
		t.Fatalf("answered %d %q", response.Status, response.Body)
	}
	var received []string
	for len(received) < len(packets) {
		received = append(received, strings.Split(session.Get(t).Body, "\x1e")...)
	}
	if got, want := strings.Join(received, "\x1e"), strings.ReplaceAll(strings.Join(packets, "\x1e"), "echo", "back"); got != want {
		t.Error("the answers are not those to the packets, in their order")
	}
}
