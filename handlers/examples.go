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
