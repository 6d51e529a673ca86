package emitter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/tinylib/msgp/msgp"
)

const (
	// maxDepth is how deep arrays and maps may be nested.
	maxDepth = 100
	// maxAttachments is how many binary values an event may have: clients refuse packets with more.
	maxAttachments = 10
)

var (
	errDepth       = errors.New("its values are nested too deeply")
	errAttachments = errors.New("it has too many binary values")
	errTime        = errors.New("a time is out of range")
)

// converter turns MessagePack into the JSON that a Socket.IO server sends for the same values.
type converter struct {
	json        []byte
	attachments [][]byte // of the placeholders in json
}

// value converts one value and returns what comes after it. It takes memory for what text holds, whatever lengths text promises.
func (c *converter) value(text []byte, depth int) (rest []byte, err error) {
	switch kind := msgp.NextType(text); kind {
	case msgp.NilType:
		c.json = append(c.json, "null"...)
		return msgp.ReadNilBytes(text)
	case msgp.BoolType:
		var value bool
		value, rest, err = msgp.ReadBoolBytes(text)
		c.json = strconv.AppendBool(c.json, value)
	case msgp.IntType:
		var value int64
		value, rest, err = msgp.ReadInt64Bytes(text)
		c.json = strconv.AppendInt(c.json, value, 10)
	case msgp.UintType:
		var value uint64
		value, rest, err = msgp.ReadUint64Bytes(text)
		c.json = strconv.AppendUint(c.json, value, 10)
	case msgp.Float32Type, msgp.Float64Type:
		var value float64
		value, rest, err = msgp.ReadFloat64Bytes(text)
		c.float(value)
	case msgp.StrType:
		return c.text(text)
	case msgp.BinType:
		return c.binary(text)
	case msgp.TimeType:
		return c.time(text)
	case msgp.ArrayType:
		return c.array(text, depth+1)
	case msgp.MapType:
		return c.object(text, depth+1)
	default:
		return text, fmt.Errorf("it has a value of type %v", kind)
	}
	return rest, err
}

// float writes what JSON.stringify does.
func (c *converter) float(value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		c.json = append(c.json, "null"...)
		return
	}
	encoded, _ := json.Marshal(value) // fails for the values above alone
	c.json = append(c.json, encoded...)
}

func (c *converter) text(text []byte) (rest []byte, err error) {
	value, rest, err := msgp.ReadStringBytes(text)
	if err == nil {
		encoded, _ := json.Marshal(value) // never fails; it replaces what is not UTF-8
		c.json = append(c.json, encoded...)
	}
	return rest, err
}

func (c *converter) binary(text []byte) (rest []byte, err error) {
	value, rest, err := msgp.ReadBytesBytes(text, nil)
	if err != nil {
		return rest, err
	}
	if len(c.attachments) == maxAttachments {
		return rest, errAttachments
	}
	c.json = fmt.Appendf(c.json, `{"_placeholder":true,"num":%d}`, len(c.attachments))
	c.attachments = append(c.attachments, value)
	return rest, nil
}

// time writes what toISOString does, for the years that it writes with four digits.
func (c *converter) time(text []byte) (rest []byte, err error) {
	value, rest, err := msgp.ReadTimeBytes(text)
	if err != nil {
		return rest, err
	}
	value = value.UTC()
	if value.Year() < 0 || value.Year() > 9999 {
		return rest, errTime
	}
	c.json = value.AppendFormat(c.json, `"`+time.DateOnly+`T15:04:05.000Z"`)
	return rest, nil
}

func (c *converter) array(text []byte, depth int) (rest []byte, err error) {
	size, rest, err := msgp.ReadArrayHeaderBytes(text)
	if err == nil && depth > maxDepth {
		err = errDepth
	}
	c.json = append(c.json, '[')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			c.json = append(c.json, ',')
		}
		rest, err = c.value(rest, depth)
	}
	c.json = append(c.json, ']')
	return rest, err
}

func (c *converter) object(text []byte, depth int) (rest []byte, err error) {
	size, rest, err := msgp.ReadMapHeaderBytes(text)
	if err == nil && depth > maxDepth {
		err = errDepth
	}
	c.json = append(c.json, '{')
	for i := uint32(0); i < size && err == nil; i++ {
		if i > 0 {
			c.json = append(c.json, ',')
		}
		if rest, err = c.text(rest); err == nil {
			c.json = append(c.json, ':')
			rest, err = c.value(rest, depth)
		}
	}
	c.json = append(c.json, '}')
	return rest, err
}
