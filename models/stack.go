package models

import "iter"

// ownStack calls a function on a stack that is kept from one call to the next. A transaction needs twice the stack that a
// connection's goroutine has when its event arrives; called there it would have the stack of every student who marks copied into
// a larger one, which then stays until the next collections (docs/performance.md). The caller's goroutine waits and is switched
// with the other directly, without the scheduler.
//
// One call at a time; the zero value of the other fields is ready.
type ownStack[A any] struct {
	do func(argument A)

	argument A
	resume   func() (struct{}, bool) // nil before the first call and after a panic
	stop     func()
}

// run calls the function. It panics if that does.
func (s *ownStack[A]) run(argument A) {
	if s.resume == nil {
		s.resume, s.stop = iter.Pull(s.calls)
	}
	s.argument = argument
	finished := false
	defer func() {
		if !finished { // the stack has been unwound
			s.resume, s.stop = nil, nil
		}
	}()
	s.resume()
	finished = true
}

// calls is a sequence whose every step is a call.
func (s *ownStack[A]) calls(yield func(struct{}) bool) {
	for more := true; more; more = yield(struct{}{}) {
		argument := s.argument
		s.argument = *new(A) // not to be kept alive until the next call
		s.do(argument)
	}
}

// discard gives the stack up.
func (s *ownStack[A]) discard() {
	if s.stop != nil {
		s.stop()
		s.resume, s.stop = nil, nil
	}
}
