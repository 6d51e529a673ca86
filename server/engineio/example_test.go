package engineio_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
)

func Example() {
	transports, server := engineio.New(engineio.Options{})
	server.OnConnect("/", func(socketio.Conn) error { return nil })
	server.OnEvent("/", "greet", func(conn socketio.Conn, name string) string {
		conn.Emit("greeting", "Hello, "+name)
		return "greeted" // the client's acknowledgement callback gets it
	})
	go server.Serve()
	defer server.Close()
	http.Handle("/socket.io/", transports)

	// A real program would now call http.ListenAndServe(":3000", nil). Here, a client's first request:
	listener := httptest.NewServer(http.DefaultServeMux)
	defer listener.Close()
	response, err := http.Get(listener.URL + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.Status, strings.HasPrefix(string(body), `0{"sid":"`))
	// Output: 200 OK true
}
