package models_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// storedColumns says of every column of the database what it holds about a student, and what becomes of that: "export" is in the export
// and replaced or removed by an erasure, "erase" is removed by it, everything else is why there is nothing. docs/privacy.md says the same to people.
// A column that is missing here turns TestEveryColumnIsKnownToPrivacy red.
var storedColumns = map[string]string{
	"classes.class_key": "of the class", "classes.class_number": "of the class", "classes.name": "of the class", "classes.made_at": "of the class",
	"classes.archived_at": "of the class", "classes.last_at": "of the class", "classes.seq": "of the class", "classes.visibility": "of the class",
	"classes.rewritten_at": "of the class",
	"classes.proof":        "of the class", "classes.late_after": "of the class", "classes.ends_after": "of the class",
	"classes.owner_key": "of a teacher", "classes.owner_number": "of a teacher",

	"class_teachers.class_key": "of the class", "class_teachers.teacher_key": "of a teacher", "class_teachers.teacher_number": "of a teacher",
	"class_teachers.added_at": "of a teacher",

	"enrolments.class_key": "export", "enrolments.class_number": "export", "enrolments.student_key": "export", "enrolments.student_number": "export",
	"enrolments.student_name": "export", "enrolments.enrolled_at": "export", "enrolments.removed_at": "export",

	"sessions.id": "of the class", "sessions.class_key": "of the class", "sessions.class_number": "of the class", "sessions.day": "of the class",
	"sessions.session_type": "of the class", "sessions.state": "of the class", "sessions.teacher_key": "of a teacher",
	"sessions.teacher_number": "of a teacher", "sessions.frequency": "of the class", "sessions.started_at": "of the class",
	"sessions.ended_at": "of the class", "sessions.clock_at": "of the class", "sessions.forgotten_at": "of the class",
	"sessions.proof": "of the class", "sessions.late_at": "of the class", "sessions.ends_at": "of the class", "sessions.secret": "of the class",

	"marks.session_id": "export", "marks.student_key": "export", "marks.student_number": "export", "marks.student_name": "export",
	"marks.status": "export", "marks.recorded_at": "export", "marks.recorded_by_key": "export", "marks.recorded_by_number": "export",
	"marks.by_teacher": "export",

	"changes.id": "a number", "changes.session_id": "export", "changes.student_key": "export", "changes.student_number": "export",
	"changes.from_status": "export", "changes.to_status": "export", "changes.changed_at": "export", "changes.changed_by_key": "export",
	"changes.changed_by_number": "export", "changes.by_role": "export", "changes.way": "export", "changes.reason": "export",

	"presence.class_key": "export", "presence.user_role": "export", "presence.user_key": "export", "presence.label": "export",
	"presence.lost_at": "export", "presence.incarnation": "of the server",

	"flags.session_id": "export", "flags.number": "a number", "flags.kind": "export", "flags.raised_at": "export",
	"flags.dismissed_at": "export", "flags.dismissed_by_key": "export", "flags.dismissed_by_number": "export", "flags.reason": "export",
	"flag_students.session_id": "export", "flag_students.number": "a number", "flag_students.student_key": "export",
	"flag_students.student_number": "export",

	"mark_devices.session_id": "export", "mark_devices.device": "export", "mark_devices.student_key": "export",
	"mark_devices.student_number": "export",

	"roster_lines.upload": "a number", "roster_lines.student_key": "erase", "roster_lines.student_number": "erase",
	"roster_lines.student_name": "erase", "roster_lines.made_at": "erase",

	"events.id": "a number", "events.stream": "of the class", "events.seq": "a number", "events.at": "of the class", "events.body": "erase",

	"erasures.pseudonym": "nothing that leads to the student", "erasures.erased_at": "nothing that leads to the student",

	"incarnations.id": "of the server", "incarnations.started_at": "of the server", "incarnations.alive_at": "of the server",
	"nodes.id": "of the server", "nodes.name": "of the server", "nodes.host": "of the server", "nodes.pid": "of the server",
	"nodes.started_at": "of the server", "nodes.alive_at": "of the server", "nodes.draining_at": "of the server", "nodes.gone_at": "of the server",
	"rooms.class_key": "of the class", "rooms.seq": "a number",
	"node_presence.class_key": "export", "node_presence.user_role": "export", "node_presence.user_key": "export",
	"node_presence.user_number": "export", "node_presence.label": "export", "node_presence.lost_at": "export",
	"node_presence.here": "export", "node_presence.seen_at": "of the server", "node_presence.incarnation": "of the server",
	"migrations.id": "of the server", "properties.name": "of the server", "properties.value": "of the server",
	"readiness.id": "of the server", "readiness.checked_at": "of the server",
}

func TestEveryColumnIsKnownToPrivacy(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		for _, column := range store.Columns(t) {
			if storedColumns[column] == "" {
				t.Errorf("the column %s is neither exported nor said to hold nothing about a student", column)
			}
		}
		page := must(os.ReadFile("../docs/privacy.md"))(t)
		for column, becomes := range storedColumns {
			table, _, _ := strings.Cut(column, ".")
			if (becomes == "export" || becomes == "erase") && !bytes.Contains(page, []byte("`"+table+"`")) {
				t.Errorf("docs/privacy.md does not say what %s holds", table)
			}
		}
	})
}

// The student who is erased, with texts that are nowhere else.
var (
	zora     = models.Student{ID: models.ID{Key: "zora-4711"}, Name: "Zora Zimmermann"}
	ofZora   = []string{"zora-4711", "Zimmermann", "was at the dentist"}
	byReason = "was at the dentist"
	ofFlag   = "lent the phone to Zora Zimmermann"
)

// onPhone has a student mark themselves on a device that others use, too.
func onPhone(t *testing.T, store *models.Store, who models.Actor, sessionType string, status models.Status) {
	t.Helper()
	must(store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: sessionType, Status: status, DeviceID: "one phone"}))(t)
}

// term records everything that can be stored about zora.
func termOfZora(t *testing.T, store *models.Store) (session models.Session) {
	t.Helper()
	must(store.CreateClass(t.Context(), asha, mathClass, "Mathematics"))(t)
	must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{zora, {ID: chen.ID, Name: "Chen"}}))(t)
	must(store.CreateClass(t.Context(), asha, physics, "Physics"))(t)
	must(store.AddToRoster(t.Context(), asha, physics, []models.Student{zora}))(t)
	session = initiate(t, store, mathClass, "lecture")
	who := models.Actor{ID: zora.ID, Role: models.RoleStudent}
	onPhone(t, store, who, "lecture", models.Present)
	onPhone(t, store, chen, "lecture", models.Late)
	if err := store.DismissFlag(t.Context(), asha, session.ID, 1, ofFlag); err != nil {
		t.Fatal(err)
	}
	must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
	must(store.CorrectMark(t.Context(), asha, session.ID, zora.ID, models.Excused, byReason))(t)
	if err := store.RemoveFromRoster(t.Context(), asha, physics, zora.ID); err != nil {
		t.Fatal(err)
	}
	return session
}

func TestErasedStudentIsNowhereInTheDatabase(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var removed []models.Removal
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: func(e models.Event) {
			if e.Removal != nil {
				removed = append(removed, *e.Removal)
			}
		}})
		session := termOfZora(t, store)
		initiate(t, store, mathClass, "lab")
		onPhone(t, store, models.Actor{ID: zora.ID, Role: models.RoleStudent}, "lab", models.Present)
		before := must(store.ClassStatistics(t.Context(), asha, mathClass, "", ""))(t)
		for _, text := range ofZora {
			if !strings.Contains(store.Dump(t), text) {
				t.Fatalf("%q is not stored, so that this test cannot fail", text)
			}
		}
		removed = nil
		if err := store.EraseStudent(t.Context(), admin, zora.ID); err != nil {
			t.Fatal(err)
		}
		for _, text := range ofZora {
			if strings.Contains(store.Dump(t), text) {
				t.Errorf("%q is still stored", text)
			}
		}
		if db.Server == nil {
			for _, name := range []string{"attendance.db", "attendance.db-wal"} {
				content := must(os.ReadFile(filepath.Join(db.DataDir, name)))(t)
				for _, text := range ofZora {
					if bytes.Contains(content, []byte(text)) {
						t.Errorf("%q is still in the file %s", text, name)
					}
				}
			}
		}
		after := must(store.ClassStatistics(t.Context(), asha, mathClass, "", ""))(t)
		if before.Held != after.Held || before.Present != after.Present || before.Late != after.Late || before.Excused != after.Excused {
			t.Errorf("the counts were %+v and are %+v", before, after)
		}
		if len(must(store.StudentStatistics(t.Context(), asha, mathClass, "", ""))(t)) != 2 {
			t.Error("the erased student is missing in the statistics")
		}
		if page := must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{}))(t); len(page.Changes) != 5 {
			t.Errorf("the audit trail has %d lines", len(page.Changes))
		}
		flags := must(store.Flags(t.Context(), asha, session.ID))(t)
		if len(flags) != 1 || len(flags[0].Students) != 2 || flags[0].DismissedAt == 0 || flags[0].Reason != "" {
			t.Errorf("the flags are %+v", flags)
		}
		if store.Count(t, "mark_devices") != 0 {
			t.Error("the device is still stored")
		}
		if len(removed) != 2 || !slices.Equal(removed[0].Users, []models.Actor{{ID: zora.ID, Role: models.RoleStudent}}) {
			t.Errorf("published %+v", removed)
		}
		if store.Count(t, "erasures") != 1 {
			t.Error("there is no audit row")
		}
		wantRefusal(t, store.EraseStudent(t.Context(), admin, zora.ID), models.ErrStudentUnknown)
		wantRefusal(t, store.EraseStudent(t.Context(), asha, chen.ID), models.ErrEraseRole)
	})
}

// TestDeletedClassLeavesNoRow looks into every table that has rows of classes or of sessions.
func TestDeletedClassLeavesNoRow(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		termOfZora(t, store)
		store.Exec(t, "INSERT INTO mark_devices (session_id, device, student_key, student_number) SELECT MIN(id), 'left', 'chen', FALSE FROM sessions")
		if rows := rowsOfClasses(t, store); len(rows) < 8 {
			t.Fatalf("there are rows only in %v, so that this test cannot fail", rows)
		}
		for class, name := range map[models.ID]string{mathClass: "Mathematics", physics: "Physics"} {
			if err := store.DeleteClass(t.Context(), asha, class, models.Deletion{WithMarks: true, Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		if rows := rowsOfClasses(t, store); len(rows) > 0 {
			t.Errorf("there are rows left in %v", rows)
		}
	})
}

// rowsOfClasses returns the tables that have rows of classes or of sessions.
func rowsOfClasses(t *testing.T, store *models.Store) (tables []string) {
	t.Helper()
	for _, column := range store.Columns(t) {
		table, name, _ := strings.Cut(column, ".")
		if (name == "class_key" || name == "session_id") && !slices.Contains(tables, table) && store.Count(t, table) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

func TestErasureReachesTheLogOfACluster(t *testing.T) {
	db := modelstest.MariaDB(t)
	node := newPresenceNode(t, db, "a", 0)
	store := node.store
	termOfZora(t, store)
	who := models.Actor{ID: zora.ID, Role: models.RoleStudent}
	stored := func() { must(node.presence.In(t.Context(), mathClass))(t) } // waits for it
	node.presence.Enter(mathClass, who, zora.Name)
	node.presence.Enter(mathClass, chen, "Chen")
	stored()
	node.presence.Leave(mathClass, who, zora.Name, false)
	stored()
	if err := store.EraseStudent(t.Context(), admin, zora.ID); err != nil {
		t.Fatal(err)
	}
	dump := store.Dump(t)
	// The removal that the erasure itself logs has to name the student.
	if strings.Contains(dump, "Zimmermann") || !strings.Contains(dump, `"label":"Chen"`) || strings.Count(dump, zora.ID.Key) != 2 {
		t.Errorf("the database holds %s", dump)
	}
}

func TestExportIsForTheStudentAndAdministrators(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		termOfZora(t, store)
		for _, who := range []models.Actor{admin, {ID: zora.ID, Role: models.RoleStudent}} {
			data := must(store.ExportStudent(t.Context(), who, zora.ID))(t)
			if len(data.Rosters) != 2 || len(data.Marks) != 1 || len(data.Changes) != 3 || len(data.Flags) != 1 || len(data.Devices) != 0 {
				t.Fatalf("%s: %+v", who.ID, data)
			}
			mark, change := data.Marks[0], data.Changes[2]
			if mark.Mark.Status != models.Excused || mark.Mark.StudentName != zora.Name || mark.Of.ClassID != mathClass || mark.Of.Type != "lecture" {
				t.Errorf("%s: the mark is %+v", who.ID, mark)
			}
			if change.Change.Reason != byReason || change.Change.By != asha.ID || change.Of.Day == "" {
				t.Errorf("%s: the change is %+v", who.ID, change)
			}
		}
		flag := must(store.ExportStudent(t.Context(), admin, zora.ID))(t).Flags[0]
		if flag.Flag.Kind != models.FlagSharedDevice || flag.Flag.Reason != ofFlag || flag.Flag.DismissedBy != asha.ID || flag.Of.ClassID != mathClass {
			t.Errorf("the flag is %+v", flag)
		}
		initiate(t, store, mathClass, "lab")
		onPhone(t, store, models.Actor{ID: zora.ID, Role: models.RoleStudent}, "lab", models.Present)
		devices := must(store.ExportStudent(t.Context(), admin, zora.ID))(t).Devices
		if len(devices) != 1 || len(devices[0].Device) != 32 || devices[0].Of.Type != "lab" {
			t.Errorf("the devices are %+v", devices)
		}
		for _, who := range []models.Actor{asha, chen, teacher(zora.ID.Key), {}} {
			_, err := store.ExportStudent(t.Context(), who, zora.ID)
			wantRefusal(t, err, models.ErrOthersData)
		}
		if data := must(store.ExportStudent(t.Context(), admin, models.ID{Key: "unknown"}))(t); fmt.Sprint(data) != "{unknown [] [] [] [] [] []}" {
			t.Errorf("of an unknown student it has %v", data)
		}
	})
}
