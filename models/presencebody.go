package models

import (
	"encoding/json"
	"fmt"
	"strings"
)

// PresenceEvent says that a user has come into a class, or is no longer in it, on all nodes of a cluster together.
type PresenceEvent struct {
	ClassID ID // its Key only
	User    Actor
	Label   string // by which others know them; may be empty
	Here    bool
}

const roomStreamPrefix = "p:"

// RoomStreamOf returns the stream of the presence in a class.
func RoomStreamOf(classID ID) string { return roomStreamPrefix + classID.Key }

// IsRoomStream tells whether DecodePresence reads the entries of a stream, and not DecodeEvent.
func IsRoomStream(stream string) bool { return strings.HasPrefix(stream, roomStreamPrefix) }

// presenceBody is a PresenceEvent as JSON. Servers of neighbouring versions read each other's: fields are only added, and unknown ones
// ignored.
type presenceBody struct {
	Class string `json:"class"`
	User  ID     `json:"user"`
	Role  Role   `json:"role"`
	Label string `json:"label,omitempty"`
	Here  bool   `json:"here"`
}

func encodePresence(event PresenceEvent) ([]byte, error) {
	encoded, err := json.Marshal(presenceBody{event.ClassID.Key, event.User.ID, event.User.Role, event.Label, event.Here})
	if err != nil {
		return nil, fmt.Errorf("encode an event of the room of class %s: %w", event.ClassID, err)
	}
	return encoded, nil
}

// DecodePresence reads the body of a LogEntry of a room's stream.
func DecodePresence(encoded []byte) (PresenceEvent, error) {
	var body presenceBody
	if err := json.Unmarshal(encoded, &body); err != nil {
		return PresenceEvent{}, fmt.Errorf("decode an event of a room: %w", err)
	}
	return PresenceEvent{
		ClassID: ID{Key: body.Class}, User: Actor{ID: body.User, Role: body.Role}, Label: body.Label, Here: body.Here,
	}, nil
}
