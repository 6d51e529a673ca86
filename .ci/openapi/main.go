// Command openapi writes the OpenAPI and AsyncAPI documents of both modes into a directory, for the linters.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "openapi: name the directory")
		os.Exit(2)
	}
	for name, mode := range map[string]models.Mode{"open": models.ModeOpen, "signed": models.ModeSigned} {
		write("openapi-"+name, handlers.Document(mode))
		write("asyncapi-"+name, handlers.EventDocument(mode))
	}
}

func write(name string, document []byte) {
	if err := os.WriteFile(filepath.Join(os.Args[1], name+".json"), document, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}
