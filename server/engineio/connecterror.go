package engineio

import (
	"errors"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// ConnectError is an error of Options.Authenticate with data for the client beside the message.
type ConnectError struct {
	Message string
	Data    any // encoded as JSON
}

func (e *ConnectError) Error() string { return e.Message }

// refusalPayload returns what a refused CONNECT is answered with: for protocol 5 the properties of connect_error's Error. socket.io-client 2
// passes the payload to the application's error handler, which shows it, so it is the message alone.
func refusalPayload(revision int, refusal error) any {
	if revision == codec.Revision3 {
		return refusal.Error()
	}
	payload := map[string]any{"message": refusal.Error()}
	if detailed, ok := errors.AsType[*ConnectError](refusal); ok && detailed.Data != nil {
		payload["data"] = detailed.Data
	}
	return payload
}
