package models_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// flagging is a class whose students a, b, c and d mark themselves in a lecture. Published collects what is published of flags.
type flagging struct {
	t         *testing.T
	store     *models.Store
	class     models.ID
	session   models.Session
	published []string
}

// on has a student mark themselves, with a device and whom else the connection has marked in the lecture.
func (f *flagging) on(who, device string, status models.Status, connection ...string) error {
	f.t.Helper()
	req := models.MarkRequest{ClassID: f.class, SessionType: "lecture", Status: status, DeviceID: device}
	for _, other := range connection {
		req.Connection = append(req.Connection, models.MarkedStudent{SessionID: f.session.ID, StudentID: models.ID{Key: other}})
	}
	_, err := f.store.Record(f.t.Context(), student(who), req)
	return err
}

// marks is on for marks that must be recorded, "who device connection …".
func (f *flagging) marks(texts ...string) {
	f.t.Helper()
	for _, text := range texts {
		words := strings.Fields(text)
		if err := f.on(words[0], strings.Trim(words[1], "-"), models.Present, words[2:]...); err != nil {
			f.t.Error(err)
		}
	}
}

func (f *flagging) dismiss(number int64) {
	f.t.Helper()
	if err := f.store.DismissFlag(f.t.Context(), asha, f.session.ID, number, "twins"); err != nil {
		f.t.Error(err)
	}
}

func (f *flagging) teacherMarks(who, device string) {
	f.t.Helper()
	must(f.store.Record(f.t.Context(), asha, models.MarkRequest{
		ClassID: f.class, StudentID: models.ID{Key: who}, SessionType: "lecture", DeviceID: device,
		Connection: []models.MarkedStudent{{SessionID: f.session.ID, StudentID: models.ID{Key: "d"}}},
	}))(f.t)
}

func (f *flagging) reopen() {
	f.t.Helper()
	must(f.store.End(f.t.Context(), asha, models.EndRequest{ClassID: f.class, SessionType: "lecture"}))(f.t)
	if rows := f.store.Number(f.t, fmt.Sprint("SELECT COUNT(*) FROM mark_devices WHERE session_id = ", f.session.ID)); rows != 0 {
		f.t.Errorf("%d devices are known after the end", rows)
	}
	initiate(f.t, f.store, f.class, "lecture")
}

// describeFlag returns a flag as its kind, its students, and that it is dismissed.
func describeFlag(flag models.Flag) string {
	text := string(flag.Kind)
	for _, who := range flag.Students {
		text += " " + who.Key
	}
	if flag.DismissedAt != 0 {
		text += " dismissed"
	}
	return text
}

// flagCases has a line for each rule of what is flagged. The flags are those that are listed at the end, and those that were published where
// that is more.
var flagCases = []struct {
	rule      string
	do        func(f *flagging)
	flags     []string
	published []string // nil: each of flags once
}{
	{"marks without a device", func(f *flagging) { f.marks("a -", "b -", "c -") }, nil, nil},
	{"each student has a device", func(f *flagging) { f.marks("a 1", "b 2", "c 3") }, nil, nil},
	{"a student with two devices", func(f *flagging) {
		f.marks("a 1")
		must(0, f.on("a", "2", models.Absent))(f.t)
		must(0, f.on("a", "1", models.Late))(f.t)
	}, nil, nil},
	{"two students with one device", func(f *flagging) { f.marks("a 1", "b 1") }, []string{"shared_device a b"}, nil},
	{
		"a third student joins the flag", func(f *flagging) { f.marks("c 1", "a 1", "b 1") },
		[]string{"shared_device a b c"},
		[]string{"shared_device a c", "shared_device a b c"},
	},
	{"the same students again", func(f *flagging) {
		f.marks("a 1", "b 1")
		must(0, f.on("a", "1", models.Late))(f.t)
		must(0, f.on("b", "1", models.Absent))(f.t)
	}, []string{"shared_device a b"}, nil},
	{"the same students with another device", func(f *flagging) {
		f.marks("a 1", "b 1")
		must(0, f.on("a", "2", models.Late))(f.t)
		must(0, f.on("b", "2", models.Late))(f.t)
	}, []string{"shared_device a b"}, nil},
	{"a student in two pairs", func(f *flagging) {
		f.marks("a 1", "b 1", "c 2")
		must(0, f.on("b", "2", models.Late))(f.t)
	}, []string{"shared_device a b", "shared_device b c"}, nil},
	{"a repeated mark", func(f *flagging) { f.marks("a 1", "b -", "b 1") }, nil, nil},
	{"a refused mark", func(f *flagging) {
		f.marks("a 1")
		wantRefusal(f.t, f.on("nobody", "1", models.Present, "a"), models.ErrClassNotFound)
		wantRefusal(f.t, f.on("b", "1", models.Excused, "a"), models.ErrStudentExcused)
		f.teacherMarks("b", "")
		wantRefusal(f.t, f.on("b", "1", models.Late, "a"), models.ErrSetByTeacher)
	}, nil, nil},
	{"a teacher's device and connection", func(f *flagging) {
		f.teacherMarks("a", "1")
		f.teacherMarks("b", "1")
		f.marks("c 1")
	}, nil, nil},
	{"two students over one connection", func(f *flagging) { f.marks("a -", "b - a") }, []string{"shared_connection a b"}, nil},
	{
		"a third student over one connection", func(f *flagging) { f.marks("a -", "b - a", "c - a b") },
		[]string{"shared_connection a b c"},
		[]string{"shared_connection a b", "shared_connection a b c"},
	},
	{
		"one connection and one device", func(f *flagging) { f.marks("a 1", "b 1 a") },
		[]string{"shared_connection a b", "shared_device a b"},
		nil,
	},
	{"a connection in another session", func(f *flagging) {
		_, err := f.store.Record(f.t.Context(), student("a"), models.MarkRequest{
			ClassID: f.class, SessionType: "lecture", Connection: []models.MarkedStudent{{SessionID: f.session.ID + 1000, StudentID: models.ID{Key: "b"}}},
		})
		must(0, err)(f.t)
	}, nil, nil},
	{"a device in another session", func(f *flagging) {
		initiate(f.t, f.store, f.class, "lab")
		f.marks("a 1")
		must(f.store.Record(f.t.Context(), student("b"), models.MarkRequest{ClassID: f.class, SessionType: "lab", DeviceID: "1"}))(f.t)
	}, nil, nil},
	{"a dismissed pair", func(f *flagging) {
		f.marks("a 1", "b 1")
		f.dismiss(1)
		must(0, f.on("b", "1", models.Late))(f.t)
	}, []string{"shared_device a b dismissed"}, []string{"shared_device a b"}},
	{"a third student after the dismissal", func(f *flagging) {
		f.marks("a 1", "b 1")
		f.dismiss(1)
		f.marks("c 1", "d 1")
	}, []string{"shared_device a b dismissed", "shared_device a b c d"}, []string{"shared_device a b", "shared_device a b c", "shared_device a b c d"}},
	{"a session that is opened again", func(f *flagging) {
		f.marks("a 1", "b 1")
		f.reopen()
		f.marks("c 1")
		must(0, f.on("a", "1", models.Late))(f.t)
	}, []string{"shared_device a b", "shared_device a c"}, nil},
}

func TestFlagPerSharedConnectionAndDevice(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var f flagging
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: func(event models.Event) {
			for _, flag := range event.Flags {
				f.published = append(f.published, describeFlag(flag))
				if flag.ClassID != f.class || flag.SessionType != "lecture" || flag.RaisedAt == 0 || len(event.Teachers) != 2 {
					t.Errorf("published %+v to %v", flag, event.Teachers)
				}
			}
		}})
		for i, test := range flagCases {
			t.Run(test.rule, func(t *testing.T) {
				f = flagging{t: t, store: store, class: models.ID{Key: fmt.Sprint("class ", i)}}
				must(store.CreateClass(t.Context(), asha, f.class, ""))(t)
				must(store.AddTeacher(t.Context(), asha, f.class, boris.ID))(t)
				var roster []models.Student
				for _, id := range []string{"a", "b", "c", "d"} {
					roster = append(roster, models.Student{ID: models.ID{Key: id}})
				}
				must(store.AddToRoster(t.Context(), asha, f.class, roster))(t)
				f.session = initiate(t, store, f.class, "lecture")
				test.do(&f)
				var listed []string
				for _, flag := range must(store.Flags(t.Context(), boris, f.session.ID))(t) {
					listed = append(listed, describeFlag(flag))
				}
				want := test.published
				if want == nil {
					want = test.flags
				}
				if !slices.Equal(listed, test.flags) || !slices.Equal(f.published, want) {
					t.Errorf("listed %q, want %q; published %q, want %q", listed, test.flags, f.published, want)
				}
			})
		}
	})
}

// TestFlagOfOneBatchHasAllItsStudents has all marks but the first in one transaction.
func TestFlagOfOneBatchHasAllItsStudents(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		var published []models.Flag
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: func(event models.Event) {
			gate.publish(event)
			published = append(published, event.Flags...)
		}})
		students := classroom(t, store, mathClass, 120)
		var requests []func() error
		for i, who := range students {
			device := "shared"
			if i == 0 {
				device = "own"
			}
			requests = append(requests, func() error {
				_, err := store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", DeviceID: device})
				return err
			})
		}
		for i, err := range gate.together(t, store, requests...) {
			if err != nil {
				t.Errorf("mark %d: %v", i, err)
			}
		}
		if len(published) != 1 || len(published[0].Students) != 100 { // and no more
			t.Errorf("published %d flags: %+v", len(published), published)
		}
		if flags := must(store.Flags(t.Context(), asha, today(t, store, "lecture").Records[0].SessionID))(t); len(flags) != 1 || len(flags[0].Students) != 100 {
			t.Errorf("listed %+v", flags)
		}
	})
}

// TestTwoNodesRaiseOneFlag has the students of a pair mark themselves on two servers at once, many times.
func TestTwoNodesRaiseOneFlag(t *testing.T) {
	db := modelstest.MariaDB(t)
	first, _ := clustered(t, db, models.Options{})
	second, _ := clustered(t, db, models.Options{})
	const pairs = 30
	students := classroom(t, first, mathClass, 2*pairs)
	var all sync.WaitGroup
	for i, who := range students {
		all.Go(func() {
			_, err := []*models.Store{first, second}[i%2].Record(t.Context(), who, models.MarkRequest{
				ClassID: mathClass, SessionType: "lecture", DeviceID: fmt.Sprint("device ", i/2),
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	flags := must(first.Flags(t.Context(), asha, today(t, first, "lecture").Records[0].SessionID))(t)
	if len(flags) != pairs || slices.ContainsFunc(flags, func(f models.Flag) bool { return len(f.Students) != 2 }) {
		t.Errorf("%d flags: %+v", len(flags), flags)
	}
	logged := 0
	for _, entry := range must(first.Log().Of(t.Context(), models.StreamOf(mathClass), 0, 1000))(t) {
		event := decoded(t, entry)
		logged += len(event.Flags)
		if len(event.Flags) > 0 && !slices.Equal(event.Teachers, []models.ID{asha.ID}) {
			t.Errorf("the flag is for %v", event.Teachers)
		}
	}
	if logged != pairs {
		t.Errorf("%d flags are in the log", logged)
	}
}

// TestUnknownOutcomeOfFlagIsFoundOut loses the answer to the COMMIT of a mark that raises a flag. It is stored and published once.
func TestUnknownOutcomeOfFlagIsFoundOut(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	db.DSN = relay.DSN(db.Name)
	var published []string
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet(), OnEvent: func(event models.Event) {
		for _, flag := range event.Flags {
			published = append(published, fmt.Sprint(describeFlag(flag), " for ", event.Teachers))
		}
	}})
	session := lesson(t, store)
	onPhone(t, store, chen, "lecture", models.Present)
	for _, fault := range []modelstest.Fault{modelstest.LoseAnswer, modelstest.End} {
		lose, lost := modelstest.FirstOf("INSERT INTO marks", fault)
		relay.AtStatement(lose)
		onPhone(t, store, divya, "lecture", models.Late)
		relay.AtStatement(nil)
		if !lost() {
			t.Fatal("no answer was lost")
		}
		flags := must(store.Flags(t.Context(), asha, session.ID))(t)
		if want := []string{"shared_device chen divya for [asha]"}; len(flags) != 1 || !slices.Equal(published, want) {
			t.Errorf("published %q, want %q; listed %+v", published, want, flags)
		}
		store.Exec(t, "DELETE FROM flags")
		store.Exec(t, "DELETE FROM flag_students")
		store.Exec(t, "UPDATE marks SET status = 'absent' WHERE student_key = 'divya'")
		published = nil
	}
}

// TestDismissalKeepsReasonAndRefusesOthers has a line for each answer.
func TestDismissalKeepsReasonAndRefusesOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		session := lesson(t, store)
		gita := teacher("gita")
		must(store.AddTeacher(t.Context(), asha, mathClass, gita.ID))(t)
		for _, who := range []models.Actor{chen, divya} {
			must(store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", DeviceID: "1"}))(t)
		}
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		for _, test := range []struct {
			name            string
			who             models.Actor
			session, number int64
			reason          string
			want            error
		}{
			{"no reason", gita, session.ID, 1, "", models.ErrFlagReasonMissing},
			{"a long reason", gita, session.ID, 1, strings.Repeat("x", 501), models.ErrInvalidReason},
			{"no such session", gita, session.ID + 1, 1, "twins", models.ErrSessionNotFound},
			{"no such flag", gita, session.ID, 2, "twins", models.ErrFlagNotFound},
			{"a student", chen, session.ID, 1, "twins", models.ErrNotOwner},
			{"the teacher of another class", boris, session.ID, 1, "twins", models.ErrSessionNotFound},
			{"a teacher", gita, session.ID, 1, "twins", nil},
			{"the same again", gita, session.ID, 1, "twins", nil},
			{"another reason", gita, session.ID, 1, "brothers", models.ErrFlagDismissed},
			{"another teacher", asha, session.ID, 1, "twins", models.ErrFlagDismissed},
		} {
			err := store.DismissFlag(t.Context(), test.who, test.session, test.number, test.reason)
			if test.want != nil {
				wantRefusal(t, err, test.want)
			} else if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		flags := must(store.Flags(t.Context(), asha, session.ID))(t)
		if len(flags) != 1 || flags[0].DismissedAt == 0 || flags[0].DismissedBy != gita.ID || flags[0].Reason != "twins" {
			t.Errorf("listed %+v", flags)
		}
		_, err := store.Flags(t.Context(), chen, session.ID)
		wantRefusal(t, err, models.ErrNotOwner)
		_, err = store.Flags(t.Context(), boris, session.ID)
		wantRefusal(t, err, models.ErrSessionNotFound)
	})
}

func TestDeviceIDIsBoundedAndNotStored(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		lesson(t, store)
		on := func(device string) error {
			_, err := store.Record(t.Context(), chen, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", DeviceID: device})
			return err
		}
		for _, device := range []string{strings.Repeat("d", 65), "a\x00b", "a\nb", "\xff"} {
			wantRefusal(t, on(device), models.ErrInvalidDevice)
		}
		longest := strings.Repeat("é", 64)
		if err := on(longest); err != nil {
			t.Error(err)
		}
		if strings.Contains(store.Dump(t), longest) || store.Count(t, "mark_devices") != 1 {
			t.Errorf("the database holds %s", store.Dump(t))
		}
	})
}
