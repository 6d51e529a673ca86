package models

import (
	"cmp"
	"encoding/json"
	"time"
)

// Proof is what a student's mark must carry.
type Proof string

// The proofs.
const (
	ProofNone Proof = ""     // none in JSON
	ProofCode Proof = "code" // the code that is shown in class
)

const proofNoneText = "none"

// UnmarshalText takes none or code. Everything else is ErrInvalidProof.
func (p *Proof) UnmarshalText(text []byte) error {
	switch read := Proof(text); read {
	case proofNoneText:
		*p = ProofNone
	case ProofCode:
		*p = read
	default:
		return ErrInvalidProof
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (p Proof) MarshalText() ([]byte, error) { return []byte(cmp.Or(p, proofNoneText)), nil }

func (p Proof) valid() bool { return p == ProofNone || p == ProofCode }

// Minutes is the time of a rule, from the start of a session. Zero is no rule, which is null in JSON.
type Minutes int

// maxMinutes is the longest time of a rule.
const maxMinutes = 600

// UnmarshalJSON takes null or a whole number from 1 to 600. Everything else is ErrInvalidMinutes.
func (m *Minutes) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*m = 0
		return nil
	}
	var minutes int
	if json.Unmarshal(data, &minutes) != nil || minutes < 1 || minutes > maxMinutes {
		return ErrInvalidMinutes
	}
	*m = Minutes(minutes)
	return nil
}

// MarshalJSON writes no rule as null.
func (m Minutes) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(m))
}

func (m Minutes) valid() bool { return m >= 0 && m <= maxMinutes }

// Rules are what a class asks of the sessions that are started in it. The zero value asks nothing.
type Rules struct {
	Proof     Proof
	LateAfter Minutes // zero: never
	EndsAfter Minutes // zero: when the teacher ends it, or after Options.SessionMax
}

// RulesChange replaces some rules. What is nil stays as it is.
type RulesChange struct {
	Proof                *Proof
	LateAfter, EndsAfter *Minutes
}

func (c RulesChange) check() error {
	switch {
	case c.Proof != nil && !c.Proof.valid():
		return ErrInvalidProof
	case c.LateAfter != nil && !c.LateAfter.valid(), c.EndsAfter != nil && !c.EndsAfter.valid():
		return ErrInvalidMinutes
	}
	return nil
}

// with returns the rules with a change.
func (r Rules) with(c RulesChange) Rules {
	if c.Proof != nil {
		r.Proof = *c.Proof
	}
	if c.LateAfter != nil {
		r.LateAfter = *c.LateAfter
	}
	if c.EndsAfter != nil {
		r.EndsAfter = *c.EndsAfter
	}
	return r
}

// SessionRules are the rules of one session. The zero value has none.
type SessionRules struct {
	Proof  Proof
	LateAt Timestamp // a student who is present from then on is late; zero: never
	EndsAt Timestamp // the session takes no marks from then on, and EndOverdue ends it; zero: never
	Secret secret    // of the codes; empty without ProofCode
}

// start returns the rules of a session that starts now in a class with rules.
func (s *Store) start(rules Rules, now Timestamp) SessionRules {
	started := SessionRules{Proof: rules.Proof, LateAt: now.after(rules.LateAfter), EndsAt: s.endsAfter(rules.EndsAfter, now)}
	return started.withSecret()
}

// reopen returns the rules of a session that was completed and is opened again. An end that has passed begins anew, as the class has it.
func (s *Store) reopen(r SessionRules, class Rules, change RulesChange, now Timestamp) SessionRules {
	if r.EndsAt != 0 && r.EndsAt <= now {
		r.EndsAt = s.endsAfter(class.EndsAfter, now)
	}
	return s.replace(r, change, now)
}

// replace returns the rules of a session after a change. Its times count from now.
func (s *Store) replace(r SessionRules, change RulesChange, now Timestamp) SessionRules {
	if change.Proof != nil {
		r.Proof = *change.Proof
	}
	if change.LateAfter != nil {
		r.LateAt = unlessRepeated(r.LateAt, now.after(*change.LateAfter))
	}
	if change.EndsAfter != nil {
		r.EndsAt = unlessRepeated(r.EndsAt, s.endsAfter(*change.EndsAfter, now))
	}
	return r.withSecret()
}

// unlessRepeated returns the new time of a rule. Frontends send one request under two names and repeat it after a lost connection:
// where the new time is less than a minute, the unit of the rules, after the old one, the old one stays.
func unlessRepeated(before, after Timestamp) Timestamp {
	if before != 0 && after >= before && after-before < Timestamp(time.Minute.Milliseconds()) {
		return before
	}
	return after
}

func (r SessionRules) withSecret() SessionRules {
	if r.Proof == ProofCode && r.Secret == "" {
		r.Secret = newSecret()
	}
	return r
}

// endsAfter returns when a session ends that starts now. Options.SessionMax is the upper bound.
func (s *Store) endsAfter(minutes Minutes, now Timestamp) Timestamp {
	if minutes == 0 {
		return 0
	}
	return min(now.after(minutes), now+Timestamp(s.sessionMax.Milliseconds()))
}

// after returns the moment that is some minutes later, zero for none.
func (t Timestamp) after(minutes Minutes) Timestamp {
	if minutes == 0 {
		return 0
	}
	return t + Timestamp((time.Duration(minutes) * time.Minute).Milliseconds())
}

// late tells whether a student who says present at a moment is late.
func (r SessionRules) late(received Timestamp) bool { return r.LateAt != 0 && received >= r.LateAt }

// over tells whether the session's own end has come.
func (r SessionRules) over(now Timestamp) bool { return r.EndsAt != 0 && now >= r.EndsAt }

// Receipt is when a request arrived at the server. The zero Receipt stands for now.
type Receipt struct {
	at     Timestamp // by Options.Clock
	codeAt Timestamp // by the clock of the codes
}

// Receipt returns the moment that was some time ago.
func (s *Store) Receipt(ago time.Duration) Receipt {
	waited := Timestamp(ago.Milliseconds())
	return Receipt{s.now() - waited, s.codes.now() - waited}
}
