package models

import "gorm.io/gorm"

// Event is what one transaction changed in a class that everybody in the class is sent. Each kind of change has a field;
// docs/architecture.md, "A new kind of change", says what else it needs.
type Event struct {
	ClassID  ID
	Marks    []Mark    // in the order in which they were recorded
	Sessions []Session // that were started, opened again, given another frequency, or ended
	Removal  *Removal  // nil: nobody was removed

	Visibility Visibility // that the class has from now on; empty: the same as before

	// Flags that were raised or got another student. They are for the class's teachers alone.
	Flags    []Flag
	Teachers []ID // of the class, its owner included; empty without Flags

	Entry LogEntry // of the log; zero without Options.Cluster
}

// eventIn writes an event of a class, which the transaction has locked, to the log, and returns what publishes it after the commit. Without
// Options.Cluster there is no log.
func (s *Store) eventIn(tx *gorm.DB, event Event) (publish func(), err error) {
	if s.cluster {
		err = s.logInto(tx, &event)
	}
	return func() { s.publish(event) }, err
}

// publish is called with the lock of publishing held.
func (s *Store) publish(events ...Event) {
	for _, event := range events {
		s.countFlags(event.Flags)
		if s.onEvent != nil {
			s.onEvent(event)
		}
	}
}

// eventsOf returns marks as an event of each class. It allocates nothing for a mark.
func eventsOf(marks []Mark) []Event {
	sizes := make(map[string]int, 1)
	for i := range marks {
		sizes[marks[i].ClassID.Key]++
	}
	events := make([]Event, 0, len(sizes))
	if len(sizes) == 1 {
		return append(events, Event{ClassID: marks[0].ClassID, Marks: marks})
	}
	positions := make(map[string]int, len(sizes))
	for _, mark := range marks {
		key := mark.ClassID.Key
		at, found := positions[key]
		if !found {
			at = len(events)
			positions[key] = at
			events = append(events, Event{ClassID: mark.ClassID, Marks: make([]Mark, 0, sizes[key])})
		}
		events[at].Marks = append(events[at].Marks, mark)
	}
	return events
}
