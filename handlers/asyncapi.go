package handlers

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/neuracampus/attendance/models"
)

// describedEvent is what the AsyncAPI document takes from a row of Table.
type describedEvent struct {
	names       names
	refusedWith string
	read        func(*fields)
	reply       reflect.Type // of the acknowledgement, when the event is not refused
}

// EventDocument returns the AsyncAPI document of a mode, in JSON.
func EventDocument(mode models.Mode) []byte { return newEventDocument((&Handlers{}).Table(), mode) }

// eventDocument is an AsyncAPI document that is being made. What it says comes from the read functions and the very types that events
// are made of.
type eventDocument struct {
	schemas              schemas
	channel              object // the messages of the one channel, by name
	messages, operations object
	examples             eventExamples
}

// newEventDocument describes the events in AsyncAPI 3.0. A client event and its aliases are one operation that the server receives. Its
// reply is the acknowledgement.
func newEventDocument(events []Event, mode models.Mode) []byte {
	d := eventDocument{schemas: schemas{}, channel: object{}, messages: object{}, operations: object{}, examples: examplesOfEvents()}
	d.addRefusals()
	for _, event := range events {
		if event.Name == event.described.names[0] {
			d.addClientEvent(event.described)
		}
	}
	for _, event := range serverEvents {
		d.addServerEvent(event)
	}
	server := object{
		"host": "{host}", "pathname": "{path}/", "protocol": "wss", "description": "Socket.IO over WebSocket or long-polling, namespace /",
		"variables": object{
			"host": object{"default": "localhost:5014", "description": "The host and the port of the server"},
			"path": object{"default": "/socket.io", "description": "SOCKET_PATH"},
		},
	}
	components := object{"messages": d.messages, "schemas": d.schemas}
	if mode == models.ModeSigned {
		server["security"] = []object{{"$ref": "#/components/securitySchemes/token"}}
		components["securitySchemes"] = object{"token": object{
			"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
			"description": "In the handshake's auth.token, the header Authorization, the query's token, or the cookie JWT_COOKIE",
		}}
	}
	body, err := json.MarshalIndent(object{
		"asyncapi": "3.0.0",
		"info": object{
			"title":   "NeuraCampus attendance, live",
			"version": "1",
			"license": object{"name": "MIT", "url": "https://opensource.org/license/mit"},
			"description": "The events that go over Socket.IO. The payload of a message is the first argument of its event: " +
				"`socket.emit(name, payload, acknowledge)`. Every event takes an acknowledgement callback, which gets the reply. " +
				"Keys that an event does not have are ignored. Ids compare as texts: 5 is \"5\".",
		},
		"defaultContentType": mediaJSON,
		"servers":            object{"campus": server},
		"channels": object{channelName: object{
			"address": "/", "title": "The namespace / of Socket.IO", "messages": d.channel,
			"description": "A client receives what is sent to it, and what is sent to the classes that it has joined.",
		}},
		"operations": d.operations,
		"components": components,
	}, "", " ")
	if err != nil {
		panic(err) // maps and texts
	}
	return body
}

const (
	channelName = "attendance"
	// The names of the replies that are refusals.
	refusedReply     = "refused"
	refusedDataReply = "fetchAttendance.refused"
)

// addRefusals adds the replies to what is refused.
func (d *eventDocument) addRefusals() {
	d.addMessage(refusedReply, object{
		"title": "An event was refused", "payload": d.schemas.of(reflect.TypeFor[refusedAck]()), "examples": exampleOf(d.examples.Refused),
		"description": "Nothing has changed. The message is one sentence for people, the reason a word for programs that never changes.",
	})
	d.addMessage(refusedDataReply, object{
		"title": "fetchAttendance was refused", "payload": d.schemas.of(reflect.TypeFor[refusedDataAck]()), "examples": exampleOf(d.examples.RefusedData),
	})
}

// addClientEvent adds an event that clients send, under all its names, and its reply.
func (d *eventDocument) addClientEvent(event describedEvent) {
	name := event.names[0]
	words, example := clientEventWords[name], d.examples.Client[name]
	d.schemas[name] = d.ofKeys(keysOf(event.read), words.keys)
	for _, alias := range event.names {
		message := object{
			"title": alias, "summary": words.about,
			"payload": object{"$ref": "#/components/schemas/" + name}, "examples": exampleOf(example.Sent),
		}
		if alias != name {
			message["summary"] = "Another name of " + name
			message["x-alias-of"] = name
		}
		d.addMessage(alias, message)
	}
	done, refused := name+".done", refusedReply
	if event.refusedWith == attendanceData {
		refused = refusedDataReply
	}
	d.addMessage(done, object{"title": name + " was done", "payload": d.schemas.of(event.reply), "examples": exampleOf(example.Acknowledged)})
	d.operations[name] = object{
		"action": "receive", "channel": channelReference, "title": name, "summary": words.about, "messages": inChannel(event.names...),
		"reply":           object{"channel": channelReference, "messages": inChannel(done, refused)},
		"x-answered-with": append([]string{}, words.answers...), "x-refused-with": event.refusedWith,
	}
}

// ofKeys returns the schema of what a read function reads. Events may have other keys, too, because frontends in use send extra ones.
func (d *eventDocument) ofKeys(keys []describedKey, words map[string]string) object {
	properties, required := object{}, []string{}
	for _, key := range keys {
		schema := d.schemas.of(key.value)
		if about := words[key.name]; about != "" {
			schema = withKey(schema, "description", about)
		}
		properties[key.name] = schema
		if !key.optional {
			required = append(required, key.name)
		}
	}
	return object{"type": "object", "properties": properties, "required": required}
}

func (d *eventDocument) addServerEvent(event serverEvent) {
	d.addMessage(event.name, object{
		"title": event.name, "summary": event.about, "payload": d.schemas.of(event.payload), "examples": exampleOf(d.examples.Server[event.name]),
	})
	d.operations[componentName.Replace(event.name)] = object{
		"action": "send", "channel": channelReference, "title": event.name, "summary": event.about, "messages": inChannel(event.name),
		"description": "To " + event.to, "x-to": event.to,
	}
}

// componentName makes the name of a message fit for a key of AsyncAPI's components.
var componentName = strings.NewReplacer(":", "-")

var channelReference = object{"$ref": "#/channels/" + channelName}

func exampleOf(payload json.RawMessage) []object { return []object{{"payload": payload}} }

// addMessage adds a message to the channel.
func (d *eventDocument) addMessage(name string, message object) {
	message["name"] = name
	d.messages[componentName.Replace(name)] = message
	d.channel[name] = object{"$ref": "#/components/messages/" + componentName.Replace(name)}
}

// inChannel refers to messages of the channel.
func inChannel(messages ...string) []object {
	return mapped(messages, func(name string) object { return object{"$ref": "#/channels/" + channelName + "/messages/" + name} })
}
