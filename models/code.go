package models

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode"
)

// A code proves that a student sees what is shown in class. It is made of the secret of the session and of the number of a step of
// time (codeclock.go). It is valid for its own step and for the one after.

// secret is what the codes of a session are made of. It never leaves the server: every way of printing it gives "[redacted]".
type secret string

const redacted = "[redacted]"

// String implements fmt.Stringer.
func (secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (secret) GoString() string { return redacted }

// MarshalText implements encoding.TextMarshaler.
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// secretBytes is the size of a secret: 128 bits.
const secretBytes = 16

func newSecret() secret {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails
	return secret(hex.EncodeToString(random))
}

const (
	// codeAlphabet leaves out what is easily taken for another character.
	codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength   = 6
	// maxCodeText is the length in bytes of what may be a code with spaces and dashes in it.
	maxCodeText = 64
)

// code returns the code of a step. The length of the steps goes into it, so that another CODE_PERIOD makes no old code valid again.
func (k secret) code(step int64, period time.Duration) string {
	var message [16]byte
	binary.BigEndian.PutUint64(message[:8], uint64(step))
	binary.BigEndian.PutUint64(message[8:], uint64(period))
	mac := hmac.New(sha256.New, []byte(k))
	_, _ = mac.Write(message[:]) // never fails
	number := binary.BigEndian.Uint64(mac.Sum(nil))
	code := make([]byte, codeLength)
	for i := range code {
		code[i] = codeAlphabet[number%uint64(len(codeAlphabet))]
		number /= uint64(len(codeAlphabet))
	}
	return string(code)
}

// accepts tells whether a code is that of a step or of the one before. It takes the same time for every wrong code.
func (k secret) accepts(code string, step int64, period time.Duration) bool {
	current := subtle.ConstantTimeCompare([]byte(code), []byte(k.code(step, period)))
	before := subtle.ConstantTimeCompare([]byte(code), []byte(k.code(step-1, period)))
	return k != "" && current|before == 1
}

// plainCode returns what was typed without spaces and dashes, in upper case.
func plainCode(typed string) string {
	if len(typed) > maxCodeText {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
}

// checkCode refuses a mark that does not carry a valid code. Wrong codes are counted (wrongCodes).
func (s *Store) checkCode(session *Session, m *pendingMark) error {
	if strings.TrimSpace(m.request.Code) == "" {
		return ErrCodeRequired
	}
	code, received := plainCode(m.request.Code), m.request.Received.codeAt
	step := received.step(s.codePeriod)
	student := codeStudent{session.ID, m.request.StudentID.Key}
	if !m.codeCounted && s.wrongCodes.tooMany(student, received) {
		return ErrCodeThrottled
	}
	if session.Secret.accepts(code, step, s.codePeriod) {
		m.codeAccepted = true
		return nil
	}
	if !m.codeCounted { // a batch may be decided again
		m.codeCounted = true
		s.wrongCodes.add(student, guess{code, step}, received)
	}
	return ErrCodeWrong
}

// ShownCode is the code that a teacher shows.
type ShownCode struct {
	Code     string
	Period   time.Duration // of each code
	ValidFor time.Duration // until the next code
}

// Code returns the code of the active session of actor's class and a type.
func (s *Store) Code(ctx context.Context, actor Actor, classID ID, sessionType string) (ShownCode, error) {
	if !validSessionType(sessionType) {
		return ShownCode{}, ErrInvalidSessionType
	}
	db := s.read.WithContext(ctx)
	if _, err := s.managed(db, actor, classID); err != nil {
		return ShownCode{}, s.failure(ctx, "read a code", err)
	}
	session, err := latest(db.Where("class_key = ? AND session_type = ?", classID.Key, sessionType).Where(s.ongoing(s.now())))
	switch {
	case errors.Is(err, ErrSessionNotFound):
		return ShownCode{}, ErrNoActiveSession
	case err != nil:
		return ShownCode{}, s.failure(ctx, "read a code", err)
	case session.Proof != ProofCode:
		return ShownCode{}, ErrNoCode
	}
	now, err := s.storeCodeClock(ctx)
	if err != nil {
		return ShownCode{}, s.failure(ctx, "read a code", err)
	}
	step := now.step(s.codePeriod)
	next := Timestamp((step + 1) * s.codePeriod.Milliseconds())
	return ShownCode{session.Secret.code(step, s.codePeriod), s.codePeriod, time.Duration(next-now) * time.Millisecond}, nil
}
