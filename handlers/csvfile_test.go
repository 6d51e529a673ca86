package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// exported returns the file of a table, the first row of which is its head.
func exported(t testing.TB, table [][]string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := (csvFile{head: table[0], rows: each(table[1:], nil)}).writeTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// each yields rows and then, unless it is nil, an error.
func each(rows [][]string, err error) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestFailedExportIsCutOff(t *testing.T) {
	gin.SetMode(gin.TestMode)
	h := &Handlers{logger: slog.New(slog.DiscardHandler)}
	export := operation{run: func(context.Context, models.Actor, *gin.Context) (any, error) {
		return csvFile{name: "half", head: []string{"id"}, rows: each([][]string{{"1"}, {"2"}}, errors.New("the database is gone"))}, nil
	}}
	anybody := func(*gin.Context) (models.Actor, error) { return models.Actor{}, nil }
	engine := gin.New()
	engine.GET("/export", h.serve(route{path: "/export", status: http.StatusOK, operation: export}, anybody))
	server := httptest.NewUnstartedServer(engine)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/export", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return // cut off before anything was sent
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got the whole of %q, %v", body, err)
	}
}
