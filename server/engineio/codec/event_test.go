package codec

import (
	"encoding/json"
	"testing"
)

// What is encoded already is not encoded once more: its spaces stay.
func TestMarshalArgumentsTakesEncodedValueAsItIs(t *testing.T) {
	for want, values := range map[string][]any{
		`[]`:             nil,
		`[null]`:         {nil},
		`["a",{"b":1}]`:  {"a", map[string]int{"b": 1}},
		`[{"a": [ 1 ]}]`: {json.RawMessage(`{"a": [ 1 ]}`)},
	} {
		if got, err := MarshalArguments(values...); err != nil || string(got.JSON) != want {
			t.Errorf("%v is encoded as %s, %v; want %s", values, got.JSON, err, want)
		}
	}
}
