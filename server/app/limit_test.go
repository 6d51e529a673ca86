package app

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A user's requests and events share one limit. Over it, the answer says when to try again.
func TestRequestsOverTheLimitGet429(t *testing.T) {
	a, _ := start(t, settings(t, "EVENT_RATE=1", "EVENT_BURST=3"))
	user := []string{"X-User", "asha"}
	c := dial(t, a)
	c.ask(`"identify",{"userId":"asha","role":"teacher"}`)
	c.ask(`"joinClass",{"userId":"asha","classId":"k"}`)
	for range 20 {
		status, header, body := ask(t, http.MethodGet, a.URL()+"/api/classes", user...)
		if status == http.StatusOK {
			continue
		}
		seconds, err := strconv.Atoi(header.Get("Retry-After"))
		var problem struct {
			Status int
			Detail string
		}
		if json.Unmarshal([]byte(body), &problem) != nil || err != nil || seconds < 1 || status != http.StatusTooManyRequests ||
			problem.Status != status || !strings.Contains(problem.Detail, "Retry-After") {
			t.Errorf("%d %v %s", status, header, body)
		}
		if status, _, body := ask(t, http.MethodGet, a.URL()+"/api/classes", "X-User", "boris"); status != http.StatusOK {
			t.Errorf("another user gets %d %s", status, body)
		}
		return
	}
	t.Error("20 requests beyond a burst of 3 were answered")
}

// In open mode a client can send each request as another user. The address has a limit, too.
func TestRequestsAsNewUsersGet429(t *testing.T) {
	const burst, ofAddress = 3, 10 * 3
	a, _ := start(t, settings(t, "EVENT_RATE=1", "EVENT_BURST="+strconv.Itoa(burst)))
	began := time.Now()
	answered := 0
	for i := range 3 * ofAddress {
		if status, _, _ := ask(t, http.MethodGet, a.URL()+"/api/classes", "X-User", strconv.Itoa(i)); status == http.StatusOK {
			answered++
		}
	}
	if most := ofAddress + int(10*time.Since(began).Seconds()) + 1; answered > most {
		t.Errorf("%d requests were answered, want %d at the most", answered, most)
	}
}
