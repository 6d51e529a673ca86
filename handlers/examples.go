package handlers

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// examplesFile has requests and the server's real answers to them. TestOpenAPIExamplesAreAnswersOfTheServer writes it and fails when an
// answer has changed.
//
//go:embed examples.json
var examplesFile []byte

// documentExamples are the examples of the OpenAPI document. Bodies that are not JSON are texts.
type documentExamples struct {
	Operations map[string]operationExample `json:"operations"` // by operationId
	Problems   map[string]json.RawMessage  `json:"problems"`   // by reason
}

type operationExample struct {
	Request  json.RawMessage `json:"request,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
}

var examples = sync.OnceValue(func() (read documentExamples) {
	if err := json.Unmarshal(examplesFile, &read); err != nil {
		panic(err) // the file is embedded
	}
	return read
})

// problems returns the refusals as OpenAPI lists several examples.
func (e documentExamples) problems() object {
	listed := object{}
	for reason, refusal := range e.Problems {
		listed[reason] = object{"value": refusal}
	}
	return listed
}

// eventExamplesFile has what clients send, what the server really sent, and its acknowledgements.
// TestEventExamplesAreMessagesOfALesson writes it and fails when one has changed.
//
//go:embed eventexamples.json
var eventExamplesFile []byte

// eventExamples are the examples of the AsyncAPI document, by event.
type eventExamples struct {
	Client      map[string]clientExample   `json:"client"`
	Server      map[string]json.RawMessage `json:"server"`
	Refused     json.RawMessage            `json:"refused"`
	RefusedData json.RawMessage            `json:"refusedData"`
}

type clientExample struct {
	Sent         json.RawMessage `json:"sent"`
	Acknowledged json.RawMessage `json:"acknowledged"`
}

var examplesOfEvents = sync.OnceValue(func() (read eventExamples) {
	if err := json.Unmarshal(eventExamplesFile, &read); err != nil {
		panic(err) // the file is embedded
	}
	return read
})
