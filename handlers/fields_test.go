package handlers

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neuracampus/attendance/models"
)

// FuzzFields decodes anything as every event. What is accepted is fit for models; what is not gets one sentence that
// does not repeat long input.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `[null]`, `[{}]`, `[5]`, `[[]]`, `{"userId":1}`,
		`[{"userId":"chen","role":"student","classId":7}]`,
		`[{"classId":"Math","teacherId":7,"sessionType":"lab","frequency":18000}]`,
		`[{"classId":"Math","teacherId":7,"sessionType":"lab","frequency":[18000,1e400,null]}]`,
		`[{"classId":"Math","teacherId":7,"sessionType":"lab","proof":"code","lateAfter":10,"endsAfter":null}]`,
		`[{"classId":"Math","teacherId":7,"sessionType":"lab","proof":{},"lateAfter":1e9,"endsAfter":" "}]`,
		`[{"classId":"\ud800","studentId":9007199254740993,"studentName":"\u0000","status":"late","sessionType":""}]`,
		`[{"classId":-0,"date":"2026-01-01","sessionType":"lab"},"more"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		check := func(f *fields, ids ...models.ID) {
			if err := f.err(); err != nil {
				if text := err.Error(); text == "" || len(text) > 200 || strings.Contains(text, "\n") {
					t.Fatalf("%q: a sentence like %q", raw, text)
				}
				return
			}
			for _, id := range ids {
				if _, err := models.TextID(id.Key); err != nil {
					t.Fatalf("%q: the id %q got through", raw, id.Key)
				}
				text, err := json.Marshal(id)
				var again models.ID
				if err != nil || json.Unmarshal(text, &again) != nil || again != id {
					t.Fatalf("%q: %v became %s and then %v", raw, id, text, again)
				}
			}
		}
		f := readFields(raw)
		who := readIdentify(f)
		check(f, who.ID)
		f = readFields(raw)
		member := readMembership(f)
		check(f, member.user, member.class)
		f = readFields(raw)
		started := readInitiate(f)
		check(f, started.ClassID, started.TeacherID)
		f = readFields(raw)
		ended := readEnd(f)
		check(f, ended.ClassID, ended.TeacherID)
		f = readFields(raw)
		mark := readMark(f)
		check(f, mark.ClassID, mark.StudentID)
		if f.err() == nil && !utf8.ValidString(mark.StudentName+mark.SessionType+string(mark.Status)) {
			t.Fatalf("%q: text that is not UTF-8 got through", raw)
		}
		f = readFields(raw)
		question := readFetch(f)
		check(f, question.class)
		if _, err := json.Marshal(noData(f)); err != nil {
			t.Fatal(err)
		}
	})
}

// aMark is what a client sends when it marks, and what the class then gets.
var (
	aMark = []byte(`[{"classId":"Math","studentId":"student-1","studentName":"Asha Rao","status":"present","sessionType":"lecture"}]`)
	made  = models.Mark{
		SessionID: 1, ClassID: models.ID{Key: "Math"}, SessionType: "lecture", StudentID: models.ID{Key: "student-1"},
		StudentName: "Asha Rao", Status: models.Present, RecordedAt: 1767258000000, RecordedBy: models.ID{Key: "student-1"},
	}
)

func BenchmarkDecodeMark(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		f := readFields(aMark)
		if readMark(f); f.err() != nil {
			b.Fatal(f.err())
		}
	}
}

func BenchmarkEncodeUpdate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(updateOf(&made)); err != nil {
			b.Fatal(err)
		}
	}
}

// discarding counts messages and sends none.
type discarding struct{ messages int }

func (d *discarding) Broadcast(_ string, messages ...Message) { d.messages += len(messages) }

func (d *discarding) BroadcastExcept(_, _ string, messages ...Message)  { d.messages += len(messages) }
func (d *discarding) BroadcastTo(string, func(string) bool, ...Message) {}
func (d *discarding) Users(context.Context, string) ([]string, error)   { return nil, nil }
func (d *discarding) Remove(string, []string, Message)                  {}
func (d *discarding) Close(string, Message)                             {}
func (d *discarding) HasLimited(string) bool                            { return false }
func (d *discarding) SendLimited(string, string, ...Message)            {}
func (d *discarding) Limit(string, func(string) bool)                   {}

// BenchmarkDeliver is what a commit of 100 marks of one class costs before it is sent.
func BenchmarkDeliver(b *testing.B) {
	marks := make([]models.Mark, 100)
	for i := range marks {
		marks[i] = made
	}
	publisher := NewPublisher(&discarding{})
	b.ReportAllocs()
	for b.Loop() {
		publisher.Deliver(models.Event{ClassID: made.ClassID, Marks: marks})
	}
}

// TestMarkPathAllocationsAreBounded holds the path that every mark goes to what it takes under the race detector, which adds a
// few allocations. One more for each mark is one more for every student of the campus in the same minute.
func TestMarkPathAllocationsAreBounded(t *testing.T) {
	publisher := NewPublisher(&discarding{})
	for name, limit := range map[string]struct {
		most float64
		do   func()
	}{
		"decoding":   {24, func() { f := readFields(aMark); readMark(f) }},
		"encoding":   {16, func() { _, _ = json.Marshal(updateOf(&made)) }},
		"publishing": {4, func() { publisher.Deliver(models.Event{ClassID: made.ClassID, Marks: []models.Mark{made}}) }},
	} {
		if got := testing.AllocsPerRun(100, limit.do); got > limit.most {
			t.Errorf("%s a mark takes %v allocations, at most %v are expected", name, got, limit.most)
		}
	}
}
