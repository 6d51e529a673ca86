package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
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

// In open mode a client can send each request as another user. The address has a limit, too. How many requests it allows is tested in
// server/sockets.
func TestRequestsAsNewUsersGet429(t *testing.T) {
	a, _ := start(t, settings(t, "EVENT_RATE=1", "EVENT_BURST=3"))
	var answered atomic.Int64
	var refused atomic.Bool
	engineiotest.Together(t, 20, func(t testing.TB, i int) {
		for n := 0; n < 30 && !refused.Load(); n++ {
			switch status, _, _ := ask(t, http.MethodGet, a.URL()+"/api/classes", "X-User", fmt.Sprint(i, n)); status {
			case http.StatusOK:
				answered.Add(1)
			case http.StatusTooManyRequests:
				refused.Store(true)
			default:
				t.Errorf("a request was answered %d", status)
			}
		}
	})
	if !refused.Load() {
		t.Errorf("all of %d requests were answered", answered.Load())
	}
}

func TestUserSocketsOverLimitCloseOldest(t *testing.T) {
	a, _ := start(t, settings(t, "USER_SOCKETS=2"))
	var all []*client
	for range 3 {
		c := dial(t, a)
		c.ask(`"identify",{"userId":"asha","role":"teacher"}`)
		all = append(all, c)
	}
	got := strings.Join(all[0].ExpectClosed(t), " ")
	if !strings.Contains(got, `42["attendance:error",{"message":"You are connected in too many places`) || !strings.Contains(got, " 41") {
		t.Errorf("the oldest got %s", got)
	}
	for _, c := range all[1:] {
		c.ask(`"identify",{"userId":"asha","role":"teacher"}`)
	}
}
