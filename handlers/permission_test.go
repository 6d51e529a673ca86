package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// permissions says who gets what. Of events it has the refusal in two words, of routes the status. 409 is for a caller who may, in a
// class that has an active session.
const permissions = `
OPEN MODE                                         owner    teacher  admin       other teacher  on roster   removed     student elsewhere  nobody
identify                                          yes      yes      no role     yes            yes         yes         yes                yes
joinClass                                         yes      yes      yes         yes            yes         yes         yes                yes
student:joinClass                                 yes      yes      yes         yes            yes         yes         yes                yes
leaveClass                                        yes      yes      yes         yes            yes         yes         yes                yes
student:leaveClass                                yes      yes      yes         yes            yes         yes         yes                yes
initiateAttendance                                yes      yes      no teacher  not yours      no teacher  no teacher  no teacher         no teacher
teacher:startAttendance                           yes      yes      no teacher  not yours      no teacher  no teacher  no teacher         no teacher
endAttendance                                     yes      yes      no teacher  not yours      no teacher  no teacher  no teacher         no teacher
teacher:endAttendance                             yes      yes      no teacher  not yours      no teacher  no teacher  no teacher         no teacher
attendanceMarked                                  yes      yes      yes         not yours      yes         yes         yes                yes
student:markAttendance                            yes      yes      yes         not yours      yes         yes         yes                yes
fetchAttendance                                   yes      yes      no class    yes            yes         no class    no class           no class
fetchAttendanceCode                               no code  no code  no class    not yours      not yours   no class    no class           no class
GET /api/classes                                  200      200      401         200            200         200         200                401
GET /api/classes search                           403      403      401         403            403         403         403                401
POST /api/classes                                 201      201      401         201            403         403         403                401
POST /api/classes ownerId                         403      403      401         403            403         403         403                401
GET /api/classes/:classId                         200      200      401         200            200         404         404                401
PATCH /api/classes/:classId                       200      200      401         403            403         404         404                401
PATCH /api/classes/:classId ownerId               200      403      401         403            403         404         404                401
DELETE /api/classes/:classId                      409      403      401         403            403         404         404                401
DELETE /api/classes/:classId marks                409      403      401         403            403         404         404                401
PUT /api/classes/:classId/archived                200      200      401         403            403         404         404                401
GET /api/classes/:classId/presence                200      200      401         403            403         404         404                401
GET /api/classes/:classId/teachers                200      200      401         403            403         404         404                401
PUT /api/classes/:classId/teachers/:teacherId     200      403      401         403            403         404         404                401
DELETE /api/classes/:classId/teachers/:teacherId  204      403      401         403            403         404         404                401
GET /api/classes/:classId/roster                  200      200      401         403            403         404         404                401
PUT /api/classes/:classId/roster                  200      200      401         403            403         404         404                401
POST /api/classes/:classId/roster                 200      200      401         403            403         404         404                401
DELETE /api/classes/:classId/roster/:studentId    204      204      401         403            403         404         404                401
POST /api/classes/:classId/roster/import          200      200      401         403            403         404         404                401
GET /api/classes/:classId/sessions                200      200      401         200            200         404         404                401
POST /api/classes/:classId/sessions               200      200      401         403            403         404         404                401
POST /api/classes/:classId/sessions/end           200      200      401         403            403         404         404                401
GET /api/sessions/:sessionId                      200      200      401         403            403         404         404                401
POST /api/classes/:classId/marks                  200      200      401         403            200         404         404                401
PUT /api/sessions/:sessionId/marks/:studentId     200      200      401         403            403         404         404                401
GET /api/sessions/:sessionId/changes              200      200      401         403            403         404         404                401
GET /api/sessions/:sessionId/flags                200      200      401         403            403         404         404                401
DELETE /api/sessions/:sessionId/flags/:flagId     204      204      401         403            403         404         404                401
GET /api/classes/:classId/statistics              200      200      401         403            403         404         404                401
GET /api/classes/:classId/statistics/students     200      200      401         403            403         404         404                401
GET /api/classes/:classId/statistics/sessions     200      200      401         403            403         404         404                401
GET /api/classes/:classId/history                 403      403      401         403            200         404         404                401
GET /api/classes/:classId/export                  200      200      401         403            403         404         404                401
GET /api/sessions/:sessionId/export               200      200      401         403            403         404         404                401
GET /api/students/:studentId/export               403      403      401         403            200         200         200                401
DELETE /api/students/:studentId                   403      403      401         403            403         403         403                401
SIGNED MODE                                       owner    teacher  admin       other teacher  on roster   removed     student elsewhere  nobody
identify                                          yes      yes      yes         yes            yes         yes         yes                not you
joinClass                                         yes      yes      yes         no class       yes         no class    no class           not you
student:joinClass                                 yes      yes      yes         no class       yes         no class    no class           not you
leaveClass                                        yes      yes      yes         yes            yes         yes         yes                not you
student:leaveClass                                yes      yes      yes         yes            yes         yes         yes                not you
initiateAttendance                                yes      yes      yes         no class       no teacher  no teacher  no teacher         no teacher
teacher:startAttendance                           yes      yes      yes         no class       no teacher  no teacher  no teacher         no teacher
endAttendance                                     yes      yes      yes         no class       no teacher  no teacher  no teacher         no teacher
teacher:endAttendance                             yes      yes      yes         no class       no teacher  no teacher  no teacher         no teacher
attendanceMarked                                  yes      yes      yes         no class       yes         no class    no class           not you
student:markAttendance                            yes      yes      yes         no class       yes         no class    no class           not you
fetchAttendance                                   yes      yes      yes         no class       yes         no class    no class           no class
fetchAttendanceCode                               no code  no code  no code     no class       not yours   no class    no class           no class
GET /api/classes                                  200      200      200         200            200         200         200                401
GET /api/classes search                           403      403      200         403            403         403         403                401
POST /api/classes                                 201      201      201         201            403         403         403                401
POST /api/classes ownerId                         403      403      201         403            403         403         403                401
GET /api/classes/:classId                         200      200      200         404            200         404         404                401
PATCH /api/classes/:classId                       200      200      200         404            403         404         404                401
PATCH /api/classes/:classId ownerId               200      403      200         404            403         404         404                401
DELETE /api/classes/:classId                      409      403      409         404            403         404         404                401
DELETE /api/classes/:classId marks                409      403      409         404            403         404         404                401
PUT /api/classes/:classId/archived                200      200      200         404            403         404         404                401
GET /api/classes/:classId/presence                200      200      200         404            403         404         404                401
GET /api/classes/:classId/teachers                200      200      200         404            403         404         404                401
PUT /api/classes/:classId/teachers/:teacherId     200      403      200         404            403         404         404                401
DELETE /api/classes/:classId/teachers/:teacherId  204      403      204         404            403         404         404                401
GET /api/classes/:classId/roster                  200      200      200         404            403         404         404                401
PUT /api/classes/:classId/roster                  200      200      200         404            403         404         404                401
POST /api/classes/:classId/roster                 200      200      200         404            403         404         404                401
DELETE /api/classes/:classId/roster/:studentId    204      204      204         404            403         404         404                401
POST /api/classes/:classId/roster/import          200      200      200         404            403         404         404                401
GET /api/classes/:classId/sessions                200      200      200         404            200         404         404                401
POST /api/classes/:classId/sessions               200      200      200         404            403         404         404                401
POST /api/classes/:classId/sessions/end           200      200      200         404            403         404         404                401
GET /api/sessions/:sessionId                      200      200      200         404            403         404         404                401
POST /api/classes/:classId/marks                  200      200      200         404            200         404         404                401
PUT /api/sessions/:sessionId/marks/:studentId     200      200      200         404            403         404         404                401
GET /api/sessions/:sessionId/changes              200      200      200         404            403         404         404                401
GET /api/sessions/:sessionId/flags                200      200      200         404            403         404         404                401
DELETE /api/sessions/:sessionId/flags/:flagId     204      204      204         404            403         404         404                401
GET /api/classes/:classId/statistics              200      200      200         404            403         404         404                401
GET /api/classes/:classId/statistics/students     200      200      200         404            403         404         404                401
GET /api/classes/:classId/statistics/sessions     200      200      200         404            403         404         404                401
GET /api/classes/:classId/history                 403      403      403         404            200         404         404                401
GET /api/classes/:classId/export                  200      200      200         404            403         404         404                401
GET /api/sessions/:sessionId/export               200      200      200         404            403         404         404                401
GET /api/students/:studentId/export               403      403      200         403            200         200         200                401
DELETE /api/students/:studentId                   403      403      204         403            403         403         403                401
`

// refusals are the sentences of the table.
var refusals = map[string]string{
	"This session asks for no code":                 "no code",
	"Class not found":                               "no class",
	"Not authorized to manage this class":           "not yours",
	"Only teachers can initiate attendance":         "no teacher",
	"Only teachers can end attendance sessions":     "no teacher",
	"Students can only mark their own attendance":   "not you",
	"userId must be your own":                       "not you",
	"This connection is signed in as somebody else": "not you",
	"role must be teacher or student":               "no role",
}

// callers are the table's columns. In open mode a client that has not identified is the student whom it names; in signed mode it
// would not have been connected, and has no user in the handlers either.
var callers = []struct {
	who   string
	actor models.Actor
}{
	{"owner", asha},
	{"teacher", gita},
	{"admin", admin},
	{"other teacher", boris},
	{"on roster", chen},
	{"removed", hugo},
	{"student elsewhere", elif},
	{"nobody", nobody},
}

// cell is a class with an active lecture and a lab that is over and has a flag, for one attempt of one person.
type cell struct {
	class models.ID
	lab   int64
	actor models.Actor
}

// own is the person's id as text; nobody calls themselves Ghost.
func (c cell) own() string {
	if c.actor == nobody {
		return "ghost"
	}
	return c.actor.ID.Key
}

// student is whom the person marks: students themselves, teachers Chen.
func (c cell) student() string {
	if c.actor.ActsAsTeacher() {
		return chen.ID.Key
	}
	return c.own()
}

func TestPermissionsPerEventAndRoute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var printed bytes.Buffer
		table := tabwriter.NewWriter(&printed, 0, 0, 2, ' ', 0)
		for _, mode := range []models.Mode{models.ModeOpen, models.ModeSigned} {
			if db.Server != nil {
				db = modelstest.MariaDB(t)
			} else {
				db = modelstest.SQLite(t)
			}
			writePermissions(table, start(t, db, mode))
		}
		table.Flush()
		t.Logf("\n%s", printed.String())
		want, got := strings.Split(strings.TrimSpace(permissions), "\n"), strings.Split(strings.TrimSpace(printed.String()), "\n")
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != strings.TrimRight(got[i], " ") {
				t.Errorf("the table differs in line %d", i+1)
			}
		}
	})
}

func writePermissions(table *tabwriter.Writer, s *server) {
	if _, err := s.store.CreateClass(s.t.Context(), boris, models.ID{Key: "Elsewhere"}, "Elsewhere"); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.store.AddToRoster(s.t.Context(), boris, models.ID{Key: "Elsewhere"}, []models.Student{{ID: elif.ID}}); err != nil {
		s.t.Fatal(err)
	}
	mode := "OPEN MODE"
	if s.mode == models.ModeSigned {
		mode = "SIGNED MODE"
	}
	fmt.Fprint(table, mode)
	for _, person := range callers {
		fmt.Fprint(table, "\t", person.who)
	}
	fmt.Fprintln(table)
	read := make([]cell, len(callers)) // what only reads can share a class
	for i, person := range callers {
		read[i] = s.newCell(fmt.Sprint("read", i), person.actor)
	}
	row := func(name string, try func(cell) string) {
		fmt.Fprint(table, name)
		for i, person := range callers {
			c := read[i]
			if !strings.HasPrefix(name, "GET ") {
				c = s.newCell(fmt.Sprint(name, i), person.actor)
			}
			fmt.Fprint(table, "\t", try(c))
		}
		fmt.Fprintln(table)
	}
	for _, event := range s.handlers.Table() {
		row(event.Name, func(c cell) string { return s.tryEvent(event.Name, c) })
	}
	for _, route := range s.handlers.Routes() {
		row(route, func(c cell) string { return s.tryRoute(route, c, requestBodies[route]) })
		for _, v := range variants {
			if v.route == route {
				row(route+" "+v.name, func(c cell) string { return s.tryRoute(route+v.query, c, v.body) })
			}
		}
	}
}

func (s *server) newCell(name string, actor models.Actor) cell {
	s.t.Helper()
	made := cell{class: models.ID{Key: strings.NewReplacer("/", " ", ":", "").Replace(name)}, actor: actor}
	ctx := s.t.Context()
	_, err := s.store.CreateClass(ctx, asha, made.class, "Mathematics")
	if err == nil {
		_, err = s.store.AddToRoster(ctx, asha, made.class, []models.Student{{ID: chen.ID}, {ID: divya.ID}, {ID: hugo.ID}})
	}
	if err == nil {
		err = s.store.RemoveFromRoster(ctx, asha, made.class, hugo.ID)
	}
	for _, teacher := range []models.Actor{gita, faye} {
		if err == nil {
			_, err = s.store.AddTeacher(ctx, asha, made.class, teacher.ID)
		}
	}
	if err == nil {
		var lab models.InitiateResult
		lab, err = s.store.Initiate(ctx, asha, models.InitiateRequest{ClassID: made.class, SessionType: "lab"})
		made.lab = lab.Session.ID
	}
	for _, who := range []models.Actor{chen, divya} { // flag 1 of the lab
		if err == nil {
			_, err = s.store.Record(ctx, who, models.MarkRequest{ClassID: made.class, SessionType: "lab", DeviceID: "one phone"})
		}
	}
	if err == nil {
		_, err = s.store.End(ctx, asha, models.EndRequest{ClassID: made.class, SessionType: "lab"})
	}
	if err == nil {
		_, err = s.store.Initiate(ctx, asha, models.InitiateRequest{ClassID: made.class, SessionType: "lecture"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

// tryEvent sends an event. A caller who may not know of the class must get what they would get if it did not exist.
func (s *server) tryEvent(name string, c cell) string {
	s.t.Helper()
	plain := name
	if known, ok := aliases[name]; ok {
		plain = known
	}
	arguments, ok := eventArguments[plain]
	if !ok {
		s.t.Fatalf("the event %s has no line in this test", name)
	}
	client := s.connect(c.actor)
	s.rooms.taken()
	emitted, ack := s.emit(client, name, arguments(c))
	if ack.done() {
		return "yes"
	}
	message, _ := ack["message"].(string)
	short, ok := refusals[message]
	if !ok {
		s.t.Errorf("%s by %s: an unexpected refusal: %s", name, c.own(), message)
	}
	s.quiet(name)
	if short == "no class" {
		existing := c.class.Key
		c.class.Key = "none"
		without, _ := s.emit(client, name, arguments(c))
		if got, want := fmt.Sprint(emitted), fmt.Sprint(without); strings.ReplaceAll(got, existing, "none") != want {
			s.t.Errorf("%s by %s: got %s, but %s if the class did not exist", name, c.own(), got, want)
		}
	}
	return short
}

// quiet checks that nothing was broadcast of what was refused.
func (s *server) quiet(refused string) {
	s.t.Helper()
	if broadcast := s.rooms.taken(); len(broadcast) > 0 {
		s.t.Errorf("%s was refused, but the class was sent %v", refused, broadcast)
	}
}

func (s *server) tryRoute(route string, c cell, write func(cell) string) string {
	s.t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	body := ""
	if write != nil {
		body = write(c)
	} else if method != http.MethodGet && method != http.MethodDelete && !slices.Contains(withoutBody, route) {
		s.t.Fatalf("the route %s has no body in this test", route)
	}
	student := divya.ID.Key
	if strings.Contains(pattern, "/students/") {
		student = c.student() // erasing Divya would change the cells that follow
	}
	path := func(class string, session int64) string {
		return strings.NewReplacer(":classId", url.PathEscape(class), ":sessionId", fmt.Sprint(session), ":studentId", student, ":teacherId", faye.ID.Key, ":flagId", "1").Replace(pattern)
	}
	s.rooms.taken()
	got := s.request(c.actor, method, path(c.class.Key, c.lab), body)
	if got.StatusCode >= http.StatusBadRequest {
		s.quiet(route)
	}
	if got.StatusCode == http.StatusNotFound {
		if without := s.request(c.actor, method, path("none", 1<<40), body); string(got.body) != string(without.body) {
			s.t.Errorf("%s by %s: got %s, but %s if it did not exist", route, c.own(), got.body, without.body)
		}
	}
	if !slices.Contains([]models.Actor{asha, gita, admin, chen}, c.actor) && route == "GET /api/classes" && strings.Contains(string(got.body), c.class.Key) {
		s.t.Errorf("%s sees a class of others: %s", c.own(), got.body)
	}
	return fmt.Sprint(got.StatusCode)
}
