// Command server is the NeuraCampus attendance server. Its settings are in the environment and in .env; .env.example
// describes them.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/neuracampus/attendance/server/app"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/logging"
)

// usage is the answer to --help.
const usage = `Usage: attendance [--help | --version]

The attendance server. It takes its settings from the environment and from the file .env in the working directory;
.env.example describes them. SIGTERM or SIGINT (Ctrl+C) stops it.

  --help      print this text
  --version   print the version
`

func main() {
	if len(os.Args) > 1 {
		os.Exit(answer(os.Args[1:]))
	}
	// The reader of the log may end before the server does. That loses log lines and must not end the server.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// answer prints what the arguments ask for and returns the exit status: 0, or 2 if an argument is unknown.
func answer(arguments []string) (status int) {
	for _, argument := range arguments {
		if argument != "--help" && argument != "--version" {
			fmt.Fprintf(os.Stderr, "there is no argument %q; attendance --help lists the arguments\n", argument)
			return 2
		}
	}
	if slices.Contains(arguments, "--help") {
		fmt.Print(usage)
	} else {
		fmt.Println("attendance", app.Version())
	}
	return 0
}

func run(ctx context.Context) error {
	settings, err := config.Load(os.Environ(), ".env")
	if err != nil {
		return fmt.Errorf("the server did not start because of its settings:\n%w", err)
	}
	options := &slog.HandlerOptions{Level: settings.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(os.Stderr, options)
	if settings.LogFormat == "json" {
		handler = slog.NewJSONHandler(os.Stderr, options)
	}
	repeats := logging.NewRepeats(handler, time.Minute)
	defer repeats.Flush()
	logger := slog.New(repeats)
	for _, warning := range settings.Warnings {
		logger.Warn("a setting may be a mistake", "setting", warning)
	}
	server, err := app.New(ctx, settings, logger)
	if err != nil {
		return fmt.Errorf("the server did not start: %w", err)
	}
	return server.Run(ctx)
}
