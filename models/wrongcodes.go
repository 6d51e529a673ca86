package models

import (
	"slices"
	"sync"
	"time"
)

// How many wrong codes a student may send, over all their connections.
const (
	wrongCodesPerMinute  = 5
	wrongCodesPerSession = 20

	// wrongCodesPause is for how long a student who has sent too many within a minute must wait.
	wrongCodesPause = Timestamp(60_000)

	// maxWrongCodes bounds for how many students they are counted. Beyond it, those who have not sent one for longest are forgotten.
	maxWrongCodes = 20_000
)

// codeStudent is a student in a session.
type codeStudent struct {
	session int64
	student string
}

// guess is a code that was sent in a step. The same code in the same step tells a guesser nothing new, so it is counted once: clients
// repeat an event whose answer was lost.
type guess struct {
	code string
	step int64
}

// wrongCodes counts the wrong codes of each student in a session. It is in memory, so each node of a cluster counts for itself.
type wrongCodes struct {
	mu       sync.Mutex
	students map[codeStudent]*wrongCodesOf
}

type wrongCodesOf struct {
	recent      []Timestamp // within the last minute, at most wrongCodesPerMinute
	total       int
	pausedUntil Timestamp
	last        guess
	lastAt      Timestamp
}

// tooMany tells whether a student may send no code at the moment.
func (w *wrongCodes) tooMany(student codeStudent, now Timestamp) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	of := w.students[student]
	return of != nil && (of.total >= wrongCodesPerSession || now < of.pausedUntil)
}

// add counts a wrong code.
func (w *wrongCodes) add(student codeStudent, sent guess, now Timestamp) {
	w.mu.Lock()
	defer w.mu.Unlock()
	of := w.students[student]
	if of == nil {
		w.makeRoom()
		of = &wrongCodesOf{}
		w.students[student] = of
	}
	if of.last == sent {
		return
	}
	of.last, of.lastAt = sent, now
	of.total++
	minuteAgo := now - Timestamp(time.Minute.Milliseconds())
	of.recent = append(slices.DeleteFunc(of.recent, func(at Timestamp) bool { return at <= minuteAgo }), now)
	if len(of.recent) >= wrongCodesPerMinute {
		of.recent, of.pausedUntil = nil, now+wrongCodesPause
	}
}

// makeRoom forgets a half of the students, if there are too many.
func (w *wrongCodes) makeRoom() {
	if w.students == nil {
		w.students = map[codeStudent]*wrongCodesOf{}
	}
	if len(w.students) < maxWrongCodes {
		return
	}
	var times []Timestamp
	for _, of := range w.students {
		times = append(times, of.lastAt)
	}
	slices.Sort(times)
	for student, of := range w.students {
		if of.lastAt <= times[len(times)/2] {
			delete(w.students, student)
		}
	}
}
