package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// Setting is one setting with the value that takes effect.
type Setting struct{ Name, Value string }

// Settings returns every setting in the order of .env.example. A secret that is set is "[redacted]".
func (c Config) Settings() []Setting {
	var all []Setting
	fields := reflect.ValueOf(c)
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Tag.Get("env"); name != "" {
			all = append(all, Setting{name, text(fields.Field(i))})
		}
	}
	return all
}

func text(field reflect.Value) string {
	switch value := field.Interface().(type) {
	case Secret:
		if value == "" {
			return ""
		}
		return value.String()
	case []string:
		return strings.Join(value, ",")
	case fmt.Stringer: // durations and time zones
		return value.String()
	case encoding.TextMarshaler:
		marshaled, err := value.MarshalText()
		if err != nil {
			return err.Error()
		}
		return string(marshaled)
	default:
		return fmt.Sprint(value)
	}
}
