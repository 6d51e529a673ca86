package handlers

import "reflect"

// serverEvent is what the AsyncAPI document says of an event that the server sends.
type serverEvent struct {
	name    string
	payload reflect.Type
	to      string // who receives it
	about   string
}

func sends[Payload any](name, to, about string) serverEvent {
	return serverEvent{name, reflect.TypeFor[Payload](), to, about}
}

// serverEvents lists every event that the server sends. The tests of this package fail when it sends another one, or another payload.
var serverEvents = []serverEvent{
	sends[presence]("userJoined", "the others in the class", "A user's first connection has joined the class."),
	sends[presence]("userLeft", "the others in the class", "A user's last connection has left the class or is lost."),
	sends[sessionReply]("attendance:initiated", "the teacher who asked", "The session is open."),
	sends[sessionReply]("attendance:ended", "the teacher who asked", "The session is over."),
	sends[attendanceStarted]("attendanceStarted", "everybody in the class", "A session is open, now or when you joined. It carries the frequencies if the teacher plays tones, and the rules that it has."),
	sends[attendanceEnded]("attendanceEnded", "everybody in the class", "A session is over."),
	sends[attendanceUpdate]("attendanceUpdate", "everybody in the class", "A student has been marked, and it is in the database."),
	sends[dataReply](attendanceData, "the one who asked", "The answer to fetchAttendance. Active is initial, active or completed. Since and until come if the question had since: the records are those that changed at or after since, or all of them, which replace what you had, if since is null."),
	sends[attendanceCode]("attendance:code", "the teacher who asked", "The code that is to be shown in class. Each code is shown for period, this one for another validFor; both are milliseconds. A code is accepted as long as it is shown, and for another period."),
	sends[attendanceFlag]("attendance:flag", "the teachers of the class", "Several students of a session have marked themselves over one connection (shared_connection) or on one device (shared_device). No mark is changed. A further student joins the flag, and it comes again with all of them."),
	sends[errorReply](attendanceError, "the one who asked", "What was asked could not be done; the message says why. Nothing has changed."),
	sends[errorReply](classError, "the one who asked", "Joining or leaving could not be done; the message says why."),
	sends[connectRefusal](connectError, "the client that connects", "The connection is refused. In signed mode the reason says what is wrong with the token. Clients 2 get the message alone."),
}

// Sent lists every event that the server sends.
func Sent() []string {
	var sent []string
	for _, event := range serverEvents {
		if event.name != connectError {
			sent = append(sent, event.name)
		}
	}
	return sent
}

// connectError is what the official clients call a refused connection. server/app makes it.
const connectError = "connect_error"

type (
	connectRefusal struct {
		Message string              `json:"message"`
		Data    *connectRefusalData `json:"data,omitempty"`
	}

	connectRefusalData struct {
		Reason tokenReason `json:"reason"`
	}

	tokenReason string
)

// clientWords is what the AsyncAPI document says of an event that clients send, beside what its read function and its handler say.
type clientWords struct {
	about   string
	answers []string          // the events that answer it when it is not refused
	keys    map[string]string // what is to be said of a key
}

// clientEventWords are the words of the events that clients send, by name.
var clientEventWords = map[string]clientWords{
	IdentifyEvent: {
		about: "Says which user this connection is. Send it after every connect: it also joins again the classes of a connection that broke less than two minutes ago.",
		keys:  map[string]string{"role": "teacher or student; admin with the token of an administrator"},
	},
	"joinClass": {
		about:   "This connection receives the events of the class from now on, beginning with each active session.",
		answers: []string{"attendanceStarted"},
	},
	"leaveClass": {about: "This connection receives no more events of the class."},
	"initiateAttendance": {
		about:   "Opens today's session of this type, or opens it again. All students on the roster are absent until marked. Frequencies are tones in Hz that the teacher's device plays. The rules replace those of the class for this session: proof is none or code, the others are minutes or null.",
		answers: []string{"attendance:initiated"},
		keys:    map[string]string{"sessionType": sessionTypeWords, "lateAfter": "Minutes after which students count as late", "endsAfter": "Minutes after which the session ends by itself"},
	},
	"endAttendance": {
		about:   "Ends the active session of this type.",
		answers: []string{"attendance:ended"},
		keys:    map[string]string{"sessionType": sessionTypeWords},
	},
	"attendanceMarked": {
		about:   "Marks a student. Students mark themselves, the class's teacher marks any student. Status is present, late, absent or excused. In a session whose proof is code, a student's mark carries the code that is shown in class. DeviceId is a random id that the student's device keeps: marks of several students with the same raise a flag.",
		answers: []string{"attendanceUpdate"},
		keys: map[string]string{
			"sessionType": sessionTypeWords, "status": "present if it is left out", "studentName": "Names a student who has no name on the roster",
			"code": "The code that is shown in class; case, spaces and hyphens do not matter",
		},
	},
	"fetchAttendance": {
		about:   "Asks for one session of one day with all its records. With since, a timestamp of the server, only those that changed at or after it: to come back after a lost connection. Begin with 1970-01-01T00:00:00.000Z, and go on with the until of the answer. A short answer comes in the acknowledgement alone, if there is one.",
		answers: []string{attendanceData},
		keys:    map[string]string{"sessionType": sessionTypeWords, "date": "A day as YYYY-MM-DD, or a moment as toISOString() writes it", "since": "The until of an answer, or the timestamp of a later message of the class"},
	},
	"fetchAttendanceCode": {
		about:   "Asks for the code that is to be shown in class now. Ask again when validFor is over. For the class's teacher.",
		answers: []string{"attendance:code"},
		keys:    map[string]string{"sessionType": sessionTypeWords},
	},
}

const sessionTypeWords = "lecture, lab or another word of 1 to 32 letters, digits, hyphens and underscores"
