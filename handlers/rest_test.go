package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// request is one step of a story over HTTP.
type request struct {
	by           models.Actor
	method, path string
	body         string
	status       int
	answer       string // timestamps as T, today as TODAY
	broadcast    string // to the class
}

// term is a class's life over HTTP with every route in it, answers in full. Its class and one of its students have
// numbers for ids, as a JSON client made them; paths cannot tell 7 from "7", and answers and broadcasts still do.
var term = []request{
	{asha, "POST", "/api/classes", `{"id":7,"name":"Physics"}`, 201, `{"id":7,"name":"Physics","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "GET", "/api/classes/7", "", 200, `{"id":7,"name":"Physics","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "PUT", "/api/classes/7/archived", `{"archived":true}`, 200, `{"id":7,"name":"Physics","teacherId":"asha","archived":true,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "PUT", "/api/classes/7/archived", `{"archived":false}`, 200, `{"id":7,"name":"Physics","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "POST", "/api/classes", `{"id":"a/b c+d%"}`, 201, `{"id":"a/b c+d%","name":"","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "GET", "/api/classes/a%2Fb%20c+d%25", "", 200, `{"id":"a/b c+d%","name":"","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "PUT", "/api/classes/a%2Fb%20c+d%25/archived", `{"archived":true}`, 200, `{"id":"a/b c+d%","name":"","teacherId":"asha","archived":true,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "POST", "/api/classes/a%2Fb%20c+d%25/sessions", `{"sessionType":"lab"}`, 409, `{"type":"about:blank","title":"Conflict","status":409,"detail":"This class is archived","reason":"class_archived"}`, ""},
	{asha, "PATCH", "/api/classes/7", `{"name":"Physics II"}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "PATCH", "/api/classes/7", `{"proof":"code","lateAfter":10,"endsAfter":30}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"code","lateAfter":10,"endsAfter":30}`, ""},
	{asha, "PATCH", "/api/classes/7", `{"proof":"none","lateAfter":null,"endsAfter":null}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "GET", "/api/classes", "", 200, `{"classes":[{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null},{"id":"a/b c+d%","name":"","teacherId":"asha","archived":true,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}]}`, ""},

	{asha, "PUT", "/api/classes/7/roster", `{"students":[{"id":1,"name":"Ada"},{"id":"b","name":"Bo"}]}`, 200, `{"added":2,"renamed":0,"removed":0,"unchanged":0}`, ""},
	{asha, "POST", "/api/classes/7/roster", `{"students":[{"id":"1","name":"Ada L."},{"id":"b"},{"id":"c"}]}`, 200, `{"added":1,"renamed":1,"removed":0,"unchanged":1}`, ""},
	{asha, "DELETE", "/api/classes/7/roster/c", "", 204, "", `removed student:c {"message":"You are no longer in this class"}`},
	{asha, "DELETE", "/api/classes/7/roster/c", "", 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"This student is not on the roster of the class","reason":"not_on_roster"}`, ""},
	{asha, "POST", "/api/classes/7/roster/import?dryRun=true&replace=true", "id;name\nb;Bo\nd;Dee\n", 200, `{"dryRun":true,"added":1,"renamed":0,"removed":1,"unchanged":1,"students":[{"line":2,"id":"b","name":"Bo"},{"line":3,"id":"d","name":"Dee"}],"table":{"headerLine":1,"idColumn":1,"nameColumns":[2],"rows":[{"line":1,"cells":["id","name"]},{"line":2,"cells":["b","Bo"]},{"line":3,"cells":["d","Dee"]}]},"warnings":[]}`, ""},
	{asha, "POST", "/api/classes/7/roster/import", "id;name\nb;Bo\nb;Bob\n", 400, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"Nothing was imported: line 3: The id b is in line 2 already","reason":"invalid_file","errors":[{"line":3,"message":"The id b is in line 2 already"}],"table":{"headerLine":1,"idColumn":1,"nameColumns":[2],"rows":[{"line":1,"cells":["id","name"]},{"line":2,"cells":["b","Bo"]},{"line":3,"cells":["b","Bob"]}]}}`, ""},
	{asha, "GET", "/api/classes/7/roster", "", 200, `{"students":[{"id":1,"name":"Ada L.","enrolledAt":"T"},{"id":"b","name":"Bo","enrolledAt":"T"}]}`, ""},
	{asha, "GET", "/api/classes/7/presence", "", 200, `{"users":[{"userId":"1","role":"teacher","name":""},{"userId":1,"role":"student","name":"Ada L."},{"userId":"asha","role":"teacher","name":""}]}`, ""},

	{asha, "POST", "/api/classes/7/sessions", `{"sessionType":"lecture","frequency":18000}`, 200, `{"id":1,"classId":7,"date":"TODAY","sessionType":"lecture","state":"active","teacherId":"asha","frequency":[18000],"startedAt":"T","endedAt":null,"changed":true}`, `attendanceStarted {"classId":7,"teacherId":"asha","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture is open","frequency":[18000]}`},
	{asha, "POST", "/api/classes/7/sessions", `{"sessionType":"lecture"}`, 200, `{"id":1,"classId":7,"date":"TODAY","sessionType":"lecture","state":"active","teacherId":"asha","frequency":[18000],"startedAt":"T","endedAt":null,"changed":false}`, ""},
	{one, "POST", "/api/classes/7/marks", `{"sessionType":"lecture","deviceId":"one phone"}`, 200, `{"studentId":1,"studentName":"Ada L.","status":"present","recordedAt":"T","recordedBy":1,"changed":true}`, `attendanceUpdate {"classId":7,"studentId":1,"studentName":"Ada L.","status":"present","sessionType":"lecture","timestamp":"T"}`},
	{asha, "POST", "/api/classes/7/marks", `{"sessionType":"lecture","studentId":1,"status":"late"}`, 200, `{"studentId":1,"studentName":"Ada L.","status":"late","recordedAt":"T","recordedBy":"asha","changed":true}`, `attendanceUpdate {"classId":7,"studentId":1,"studentName":"Ada L.","status":"late","sessionType":"lecture","timestamp":"T"}`},
	{bo, "POST", "/api/classes/7/marks", `{"sessionType":"lecture","deviceId":"one phone"}`, 200, `{"studentId":"b","studentName":"Bo","status":"present","recordedAt":"T","recordedBy":"b","changed":true}`, `attendanceUpdate {"classId":7,"studentId":"b","studentName":"Bo","status":"present","sessionType":"lecture","timestamp":"T"}; to teacher:asha, admin:registrar attendance:flag {"classId":7,"sessionType":"lecture","kind":"shared_device","studentIds":[1,"b"],"message":"2 students marked themselves on one device","timestamp":"T"}`},
	{bo, "POST", "/api/classes/7/marks", `{"sessionType":"lecture"}`, 200, `{"studentId":"b","studentName":"Bo","status":"present","recordedAt":"T","recordedBy":"b","changed":false}`, ""},
	{asha, "POST", "/api/classes/7/sessions/end", `{"sessionType":"lecture"}`, 200, `{"id":1,"classId":7,"date":"TODAY","sessionType":"lecture","state":"completed","teacherId":"asha","frequency":[18000],"startedAt":"T","endedAt":"T","changed":true}`, `attendanceEnded {"classId":7,"sessionType":"lecture","timestamp":"T","message":"Attendance for lecture has ended"}`},
	{bo, "POST", "/api/classes/7/marks", `{"sessionType":"lecture"}`, 409, `{"type":"about:blank","title":"Conflict","status":409,"detail":"No active attendance session for this class and session type","reason":"no_active_session"}`, ""},
	{bo, "GET", "/api/classes/7/sessions?from=TODAY&to=TODAY", "", 200, `{"sessions":[{"id":1,"classId":7,"date":"TODAY","sessionType":"lecture","state":"completed","teacherId":"asha","frequency":[18000],"startedAt":"T","endedAt":"T"}]}`, ""},
	{bo, "GET", "/api/classes/7/sessions?to=2020-01-01", "", 200, `{"sessions":[]}`, ""},

	{asha, "PUT", "/api/sessions/1/marks/1", `{"status":"excused","reason":"ill"}`, 200, `{"studentId":1,"studentName":"Ada L.","status":"excused","recordedAt":"T","recordedBy":"asha","changed":true}`, `attendanceUpdate {"classId":7,"studentId":1,"studentName":"Ada L.","status":"excused","sessionType":"lecture","timestamp":"T"}`},
	{asha, "PUT", "/api/sessions/1/marks/1", `{"status":"excused","reason":"ill"}`, 200, `{"studentId":1,"studentName":"Ada L.","status":"excused","recordedAt":"T","recordedBy":"asha","changed":false}`, ""},
	{asha, "GET", "/api/sessions/1", "", 200, `{"id":1,"classId":7,"date":"TODAY","sessionType":"lecture","state":"completed","teacherId":"asha","frequency":[18000],"startedAt":"T","endedAt":"T","records":[{"studentId":1,"studentName":"Ada L.","status":"excused","recordedAt":"T","recordedBy":"asha"},{"studentId":"b","studentName":"Bo","status":"present","recordedAt":"T","recordedBy":"b"}]}`, ""},
	{asha, "GET", "/api/sessions/1/changes?studentId=1", "", 200, `{"changes":[` +
		`{"studentId":1,"from":null,"to":"absent","changedAt":"T","changedBy":"asha","changedByRole":"teacher","way":"initiate","reason":""},` +
		`{"studentId":1,"from":"absent","to":"present","changedAt":"T","changedBy":1,"changedByRole":"student","way":"rest","reason":""},` +
		`{"studentId":1,"from":"present","to":"late","changedAt":"T","changedBy":"asha","changedByRole":"teacher","way":"rest","reason":""},` +
		`{"studentId":1,"from":"late","to":"excused","changedAt":"T","changedBy":"asha","changedByRole":"teacher","way":"correction","reason":"ill"}],"next":null}`, ""},

	{asha, "GET", "/api/sessions/1/flags", "", 200, `{"flags":[{"id":1,"kind":"shared_device","studentIds":[1,"b"],"message":"2 students marked themselves on one device","timestamp":"T","dismissal":null}]}`, ""},
	{bo, "GET", "/api/sessions/1/flags", "", 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Not authorized to manage this class","reason":"not_owner"}`, ""},
	{asha, "DELETE", "/api/sessions/1/flags/1", `{"reason":""}`, 400, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"Say why the flag is dismissed","reason":"reason_missing"}`, ""},
	{asha, "DELETE", "/api/sessions/1/flags/2", `{"reason":"they share a phone"}`, 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"Flag not found","reason":"flag_not_found"}`, ""},
	{asha, "DELETE", "/api/sessions/1/flags/1", `{"reason":"they share a phone"}`, 204, "", ""},
	{asha, "DELETE", "/api/sessions/1/flags/1", `{"reason":"they share a phone"}`, 204, "", ""},
	{asha, "DELETE", "/api/sessions/1/flags/1", `{"reason":"twins"}`, 409, `{"type":"about:blank","title":"Conflict","status":409,"detail":"This flag has been dismissed already","reason":"flag_dismissed"}`, ""},
	{asha, "GET", "/api/sessions/1/flags", "", 200, `{"flags":[{"id":1,"kind":"shared_device","studentIds":[1,"b"],"message":"2 students marked themselves on one device","timestamp":"T","dismissal":{"dismissedAt":"T","dismissedBy":"asha","reason":"they share a phone"}}]}`, ""},

	{asha, "GET", "/api/classes/7/statistics", "", 200, `{"held":2,"present":1,"late":0,"absent":0,"excused":1,"rate":1}`, ""},
	{asha, "GET", "/api/classes/7/statistics?to=2020-01-01", "", 200, `{"held":0,"present":0,"late":0,"absent":0,"excused":0,"rate":null}`, ""},
	{asha, "GET", "/api/classes/7/statistics/students", "", 200, `{"students":[{"studentId":1,"studentName":"Ada L.","removed":false,"held":1,"present":0,"late":0,"absent":0,"excused":1,"rate":null},{"studentId":"b","studentName":"Bo","removed":false,"held":1,"present":1,"late":0,"absent":0,"excused":0,"rate":1}]}`, ""},
	{asha, "GET", "/api/classes/7/statistics/students?below=0.75", "", 200, `{"students":[]}`, ""},
	{asha, "GET", "/api/classes/7/statistics/sessions", "", 200, `{"sessions":[{"sessionId":1,"date":"TODAY","sessionType":"lecture","startedAt":"T","held":2,"present":1,"late":0,"absent":0,"excused":1,"rate":1}]}`, ""},
	{bo, "GET", "/api/classes/7/history", "", 200, `{"held":1,"present":1,"late":0,"absent":0,"excused":0,"rate":1,"sessions":[{"sessionId":1,"date":"TODAY","sessionType":"lecture","state":"completed","status":"present","recordedAt":"T"}]}`, ""},
	{asha, "GET", "/api/classes/7/history", "", 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only students have an attendance of their own","reason":"only_students"}`, ""},
	{asha, "GET", "/api/sessions/1/export", "", 200, "\ufeffStudent ID,Name,Status,Recorded at (UTC),Recorded by\r\n1,Ada L.,excused,T,asha\r\nb,Bo,present,T,b\r\n", ""},
	{asha, "POST", "/api/classes/7/roster", `{"students":[{"id":9,"name":"New"}]}`, 200, `{"added":1,"renamed":0,"removed":0,"unchanged":0}`, ""},
	{asha, "PUT", "/api/sessions/1/marks/9", `{"status":"present","reason":"was there"}`, 200, `{"studentId":9,"studentName":"New","status":"present","recordedAt":"T","recordedBy":"asha","changed":true}`, `attendanceUpdate {"classId":7,"studentId":9,"studentName":"New","status":"present","sessionType":"lecture","timestamp":"T"}`},
	{asha, "GET", "/api/sessions/1/changes?studentId=9", "", 200, `{"changes":[{"studentId":9,"from":null,"to":"present","changedAt":"T","changedBy":"asha","changedByRole":"teacher","way":"correction","reason":"was there"}],"next":null}`, ""},
	{asha, "PUT", "/api/classes/7/roster", `{"students":[{"id":"1"},{"id":"b"}]}`, 200, `{"added":0,"renamed":0,"removed":1,"unchanged":2}`, `removed student:9 {"message":"You are no longer in this class"}`},
	{asha, "GET", "/api/classes/7/export", "", 200, "\ufeffStudent ID,Name,TODAY lecture,Held,Present,Late,Absent,Excused,Rate\r\n1,Ada L.,excused,1,0,0,0,1,\r\nb,Bo,present,1,1,0,0,0,100.0%\r\n9,New,present,1,1,0,0,0,100.0%\r\n", ""},

	{asha, "PUT", "/api/classes/7/teachers/gita", "", 200, `{"id":"gita","owner":false,"addedAt":"T"}`, ""},
	{asha, "PUT", "/api/classes/7/teachers/gita", "", 200, `{"id":"gita","owner":false,"addedAt":"T"}`, ""},
	{asha, "PUT", "/api/classes/7/teachers/asha", "", 200, `{"id":"asha","owner":true,"addedAt":"T"}`, ""},
	{gita, "GET", "/api/classes/7/teachers", "", 200, `{"teachers":[{"id":"asha","owner":true,"addedAt":"T"},{"id":"gita","owner":false,"addedAt":"T"}]}`, ""},
	{gita, "GET", "/api/classes", "", 200, `{"classes":[{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}]}`, ""},
	{gita, "PUT", "/api/sessions/1/marks/9", `{"status":"late","reason":"came later"}`, 200, `{"studentId":9,"studentName":"New","status":"late","recordedAt":"T","recordedBy":"gita","changed":true}`, `attendanceUpdate {"classId":7,"studentId":9,"studentName":"New","status":"late","sessionType":"lecture","timestamp":"T"}`},
	{gita, "PATCH", "/api/classes/7", `{"visibility":"own"}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"own","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, `limited true false`},
	{gita, "PUT", "/api/sessions/1/marks/9", `{"status":"present","reason":"was there"}`, 200, `{"studentId":9,"studentName":"New","status":"present","recordedAt":"T","recordedBy":"gita","changed":true}`, `attendanceUpdate {"classId":7,"studentId":9,"studentName":"New","status":"present","sessionType":"lecture","timestamp":"T"}; to student:9 attendanceUpdate {"classId":7,"studentId":9,"studentName":"New","status":"present","sessionType":"lecture","timestamp":"T"}`},
	{gita, "PATCH", "/api/classes/7", `{"visibility":"own"}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"own","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{gita, "PATCH", "/api/classes/7", `{"visibility":"class"}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, `limited false false`},
	{gita, "PATCH", "/api/classes/7", `{"ownerId":"gita"}`, 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Not authorized to manage this class","reason":"not_owner"}`, ""},
	{asha, "DELETE", "/api/classes/7/teachers/asha", "", 409, `{"type":"about:blank","title":"Conflict","status":409,"detail":"The owner of a class cannot be removed; hand the class over first","reason":"owner_stays"}`, ""},
	{asha, "PATCH", "/api/classes/7", `{"ownerId":"gita"}`, 200, `{"id":7,"name":"Physics II","teacherId":"gita","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{gita, "GET", "/api/classes/7/teachers", "", 200, `{"teachers":[{"id":"gita","owner":true,"addedAt":"T"},{"id":"asha","owner":false,"addedAt":"T"}]}`, ""},
	{gita, "DELETE", "/api/classes/7/teachers/asha", "", 204, "", `removed teacher:asha {"message":"You are no longer in this class"}`},
	{gita, "DELETE", "/api/classes/7/teachers/asha", "", 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"This teacher does not teach the class","reason":"not_a_teacher"}`, ""},
	{asha, "GET", "/api/classes/7/teachers", "", 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"Class not found","reason":"class_not_found"}`, ""},

	{asha, "POST", "/api/classes", `{"id":"for","ownerId":"boris"}`, 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only an administrator can create a class for somebody else","reason":"only_admins"}`, ""},
	{admin, "POST", "/api/classes", `{"id":"for","name":"For Boris","ownerId":"boris"}`, 201, `{"id":"for","name":"For Boris","teacherId":"boris","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{boris, "GET", "/api/classes?search=for", "", 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only an administrator can list all classes","reason":"only_admins"}`, ""},
	{admin, "GET", "/api/classes?search=FOR+b", "", 200, `{"classes":[{"id":"for","name":"For Boris","teacherId":"boris","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}],"total":1}`, ""},
	{admin, "GET", "/api/classes?notTakenToday=true&after=a", "", 200, `{"classes":[{"id":"for","name":"For Boris","teacherId":"boris","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}],"total":1}`, ""},
	{admin, "PATCH", "/api/classes/7", `{"ownerId":"asha"}`, 200, `{"id":7,"name":"Physics II","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},

	{asha, "GET", "/api/students/9/export", "", 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only the student and an administrator can export what is stored about a student","reason":"not_your_data"}`, ""},
	{nine, "GET", "/api/students/9/export", "", 200, `{"studentId":9,"exportedAt":"T","rosters":[{"classId":7,"className":"Physics II","studentName":"New","enrolledAt":"T","removedAt":"T"}],"marks":[{"sessionId":1,"classId":7,"date":"TODAY","sessionType":"lecture","studentName":"New","status":"present","recordedAt":"T","recordedBy":"gita","byTeacher":true}],"changes":[` +
		`{"sessionId":1,"classId":7,"date":"TODAY","sessionType":"lecture","from":null,"to":"present","changedAt":"T","changedBy":"asha","changedByRole":"teacher","way":"correction","reason":"was there"},` +
		`{"sessionId":1,"classId":7,"date":"TODAY","sessionType":"lecture","from":"present","to":"late","changedAt":"T","changedBy":"gita","changedByRole":"teacher","way":"correction","reason":"came later"},` +
		`{"sessionId":1,"classId":7,"date":"TODAY","sessionType":"lecture","from":"late","to":"present","changedAt":"T","changedBy":"gita","changedByRole":"teacher","way":"correction","reason":"was there"}],"presence":[],"flags":[],"devices":[]}`, ""},
	{asha, "DELETE", "/api/students/9", "", 403, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Only an administrator can erase a student","reason":"only_admins"}`, ""},
	{admin, "DELETE", "/api/students/9", "", 204, "", `removed student:9 {"message":"You are no longer in this class"}`},
	{admin, "DELETE", "/api/students/9", "", 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"Nothing is stored about this student","reason":"student_not_found"}`, ""},
	{asha, "GET", "/api/classes/7/statistics", "", 200, `{"held":3,"present":2,"late":0,"absent":0,"excused":1,"rate":1}`, ""},

	{admin, "DELETE", "/api/classes/7", "", 409, `{"type":"about:blank","title":"Conflict","status":409,"detail":"The class has marks; to delete it with them, send marks=delete and repeat the name of the class","reason":"has_marks"}`, ""},
	{admin, "DELETE", "/api/classes/7?marks=all", "", 400, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"marks must be delete, or left out","reason":"invalid_parameter"}`, ""},
	{asha, "DELETE", "/api/classes/7?marks=delete", `{"name":"Physics"}`, 400, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"Repeat the name of the class, or its id if it has no name, to delete it with its marks","reason":"name_differs"}`, ""},
	{asha, "DELETE", "/api/classes/7?marks=delete", `{"name":"Physics II"}`, 204, "", `closed {"message":"You are no longer in this class"}`},
	{asha, "DELETE", "/api/classes/7", "", 404, `{"type":"about:blank","title":"Not Found","status":404,"detail":"Class not found","reason":"class_not_found"}`, ""},
	{boris, "DELETE", "/api/classes/for", "", 204, "", `closed {"message":"You are no longer in this class"}`},
	{asha, "POST", "/api/classes", `{"id":7,"name":"Anew"}`, 201, `{"id":7,"name":"Anew","teacherId":"asha","archived":false,"visibility":"class","createdAt":"T","proof":"none","lateAfter":null,"endsAfter":null}`, ""},
	{asha, "GET", "/api/classes/7/sessions", "", 200, `{"sessions":[]}`, ""},
}

// connected are the users in the class's room. The teacher 1 is not the student 1.
var connected = []string{"student:1", "teacher:1", "teacher:asha"}

var (
	one  = models.Actor{ID: models.ID{Key: "1"}, Role: models.RoleStudent}
	bo   = models.Actor{ID: models.ID{Key: "b"}, Role: models.RoleStudent}
	nine = models.Actor{ID: models.ID{Key: "9"}, Role: models.RoleStudent}
)

func TestEveryRouteAnswersInFull(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		s.rooms.users = connected
		before := time.Now().UTC().Format(time.DateOnly)
		for _, step := range term {
			got := s.request(step.by, step.method, strings.ReplaceAll(step.path, "TODAY", before), step.body)
			name := fmt.Sprint(step.method, " ", step.path, " ", step.body)
			if answer := withoutTimes(string(got.body)); got.StatusCode != step.status || answer != strings.ReplaceAll(step.answer, "TODAY", before) {
				t.Errorf("%s\n  got  %d %s\n  want %d %s", name, got.StatusCode, answer, step.status, step.answer)
			}
			if broadcast := plain(s.rooms.taken()); broadcast != step.broadcast {
				t.Errorf("%s\n  the class got %s\n  want          %s", name, broadcast, step.broadcast)
			}
			if got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control is %q", name, got.Header.Get("Cache-Control"))
			}
		}
	})
}

func TestExportIsSentAsFile(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	session := s.lesson()
	got := s.request(asha, "GET", "/api/sessions/1/export", "")
	if want := `attachment; filename=attendance-Math-` + session.Day + `-lecture.csv`; got.Header.Get("Content-Disposition") != want {
		t.Errorf("Content-Disposition is %s, want %s", got.Header.Get("Content-Disposition"), want)
	}
	if got.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type is %s", got.Header.Get("Content-Type"))
	}
}

// TestDatabaseFaultGetsProblem, and what may pass has a status that clients try again upon.
func TestDatabaseFaultGetsProblem(t *testing.T) {
	db := modelstest.MariaDB(t)
	s := start(t, db, models.ModeSigned)
	s.lesson()
	db.Server.Exec(t, "RENAME TABLE "+db.Name+".classes TO "+db.Name+".elsewhere")
	got := s.request(asha, "GET", "/api/classes", "")
	got.want(t, http.StatusInternalServerError, `"detail":"internal error"`)
	if !strings.Contains(s.log.String(), "internal error") {
		t.Errorf("the log says %s", s.log)
	}
	db.Server.Exec(t, "RENAME TABLE "+db.Name+".elsewhere TO "+db.Name+".classes")

	db.Server.Exec(t, "SET GLOBAL read_only = ON")
	got = s.request(asha, "PATCH", "/api/classes/Math", `{"name":"New"}`)
	db.Server.Exec(t, "SET GLOBAL read_only = OFF")
	got.want(t, http.StatusServiceUnavailable, "The database cannot be reached or written to at the moment")
	if got.Header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
}
