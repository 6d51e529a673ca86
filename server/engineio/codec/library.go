package codec

import (
	"encoding/json"
	"strings"
)

// go-socket.io decodes what these functions let through. Its parser ends an event's name at the first comma or bracket, and indexes
// the attachments with the client's own number.

// EncodeLibraryEvent encodes an event as go-socket.io's parser needs it. Arguments is a JSON array. The packet announces
// attachments, if there are any, and does not contain them.
func EncodeLibraryEvent(namespace, id, name string, arguments []byte, attachments int) []byte {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(err) // a string
	}
	escaped := strings.NewReplacer(",", `\u002c`, "]", `\u005d`).Replace(string(quoted))
	packetType := byte(SocketEvent)
	if attachments > 0 {
		packetType = SocketBinaryEvent
	}
	data := SocketPacket{Type: packetType, Attachments: attachments, Namespace: namespace, ID: id}.appendHeader(nil)
	data = append(data, '[')
	data = append(data, escaped...)
	if len(arguments) > 2 {
		data = append(data, ',')
		return append(data, arguments[1:]...)
	}
	return append(data, ']')
}

// CheckPlaceholders returns ErrBadSocketPacket unless every placeholder in a JSON text names one of count attachments. A wrong number
// would end the process, in packets without attachments too.
func CheckPlaceholders(text []byte, count int) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return ErrBadSocketPacket
	}
	if !placeholdersIn(value, count) {
		return ErrBadSocketPacket
	}
	return nil
}

func placeholdersIn(value any, count int) bool {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if !placeholdersIn(element, count) {
				return false
			}
		}
	case map[string]any:
		placeholder, number := false, 0.0
		for key, element := range value {
			// The library's decoder does not tell upper from lower case.
			if strings.EqualFold(key, "_placeholder") {
				placeholder = true
			} else if strings.EqualFold(key, "num") {
				if n, ok := element.(float64); ok {
					number = max(number, n)
				}
			}
			if !placeholdersIn(element, count) {
				return false
			}
		}
		return !placeholder || number < float64(count)
	}
	return true
}
