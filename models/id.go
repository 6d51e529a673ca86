package models

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxIDLength is counted in characters, not bytes.
const maxIDLength = 64

// maxSafeInteger is the largest integer that a JavaScript client reads without rounding it (2^53 − 1).
const maxSafeInteger = 1<<53 - 1

// ID names a user or a class, in one of two forms. The number 5 and the text "5" are the same
// user: Key is equal, and only Key is compared, by this package and by the database. Number remembers the form, so
// that clients, which compare with ===, read an id in one form: that of the class and its roster, which is the one that was
// stored first; only the direct answer to a client has the form that it sent. The zero ID names no user.
type ID struct {
	Key    string
	Number bool
}

// TextID returns the ID that a client would send as a string. Invisible characters at its ends are no part of it; among
// the others they are ErrInvisibleInID. Whatever else is no id is ErrInvalidID.
func TextID(s string) (ID, error) {
	key, visible := visibleID(s)
	switch {
	case !validIDKey(key):
		return ID{}, ErrInvalidID
	case !visible:
		return ID{}, ErrInvisibleInID
	}
	return ID{Key: key}, nil
}

// String returns the text by which ids are compared.
func (id ID) String() string { return id.Key }

// IsZero tells whether id names no user and no class.
func (id ID) IsZero() bool { return id.Key == "" }

// Is tells whether both ids name the same user or class, in either form.
func (id ID) Is(other ID) bool { return id.Key == other.Key }

// as returns the id in the form of the one of known that names the same user or class, in its own if none does.
func (id ID) as(known ...ID) ID {
	for _, k := range known {
		if k.Is(id) {
			return k
		}
	}
	return id
}

// addressable tells whether an id can stand in the path of an address: browsers take . and .. for steps in it, however they are
// escaped (WHATWG URL, section 4.4).
func (id ID) addressable() bool { return id.Key != "." && id.Key != ".." }

// MarshalJSON gives the id back in the form in which it came.
func (id ID) MarshalJSON() ([]byte, error) {
	if id.Number {
		return []byte(id.Key), nil
	}
	return json.Marshal(id.Key)
}

// UnmarshalJSON takes a string as TextID does, of 1 to 64 characters without control characters, or an integer that
// JavaScript represents exactly. Everything else, null included, is ErrInvalidID.
func (id *ID) UnmarshalJSON(data []byte) error {
	if len(data) == 0 {
		return ErrInvalidID
	}
	if data[0] == '"' {
		var s string
		// encoding/json would turn invalid UTF-8 into U+FFFD, and two different ids into the same one.
		if !utf8.Valid(data) || json.Unmarshal(data, &s) != nil {
			return ErrInvalidID
		}
		text, err := TextID(s)
		if err == nil {
			*id = text
		}
		return err
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil || n > maxSafeInteger || n < -maxSafeInteger {
		return ErrInvalidID
	}
	// FormatInt, because -0 is 0 and there must be one key for it.
	*id = ID{Key: strconv.FormatInt(n, 10), Number: true}
	return nil
}

// validIDKey also refuses U+FFFD: encoding/json puts it in place of half a surrogate pair, whichever half it was.
func validIDKey(s string) bool {
	return s != "" && validText(s, maxIDLength) && !strings.ContainsRune(s, utf8.RuneError)
}

// validText tells whether s is UTF-8 of at most limit characters that all may stand in a line of text.
func validText(s string, limit int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
