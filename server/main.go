// Command server is the NeuraCampus attendance server. Its settings are in the environment and in .env; .env.example
// describes them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"github.com/neuracampus/attendance/server/app"
	"github.com/neuracampus/attendance/server/command"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/logging"
)

// dotenv is the file with settings, in the working directory.
const dotenv = ".env"

func main() {
	ctx, hurried := untilSignals()
	if len(os.Args) > 1 {
		process := command.Process{Environ: os.Environ(), Dotenv: dotenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
		status := command.Run(ctx, process, os.Args[1:])
		os.Exit(status)
	}
	// The reader of the log may end before the server does. That loses log lines and must not end the server.
	signal.Ignore(syscall.SIGPIPE)
	if err := run(ctx, hurried); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// untilSignals returns a context that ends with the first SIGTERM or SIGINT, and one that ends with the second. The third ends the
// process.
func untilSignals() (first, second context.Context) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	first, stop := context.WithCancel(context.Background())
	second, hurry := context.WithCancel(context.Background())
	go func() { // for as long as the process
		<-signals
		stop()
		<-signals
		hurry()
		signal.Reset(syscall.SIGTERM, os.Interrupt)
	}()
	return first, second
}

func run(ctx, hurried context.Context) error {
	settings, err := config.Load(os.Environ(), dotenv)
	if err != nil {
		return fmt.Errorf("the server did not start because of its settings:\n%w", err)
	}
	level := new(slog.LevelVar)
	level.Set(settings.LogLevel)
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(os.Stderr, options)
	if settings.LogFormat == "json" {
		handler = slog.NewJSONHandler(os.Stderr, options)
	}
	repeats := logging.NewRepeats(handler, time.Minute)
	defer repeats.Flush()
	logger := slog.New(logging.NewContext(repeats))
	for _, warning := range settings.Warnings {
		logger.Warn("a setting may be a mistake", "setting", warning)
	}
	go followLevel(ctx, level, logger)
	if _, err := memlimit.Set(); err != nil && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported) {
		logger.Warn("the memory limit of the container cannot be read; set GOMEMLIMIT to nine tenths of it", "err", err)
	}
	server, err := app.New(ctx, settings, logger)
	if err != nil {
		return fmt.Errorf("the server did not start: %w", err)
	}
	return server.Run(ctx, hurried)
}

// followLevel reads LOG_LEVEL again at each SIGHUP. The other settings stay as they are until the next start.
func followLevel(ctx context.Context, level *slog.LevelVar, logger *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		settings, err := config.Load(os.Environ(), dotenv)
		if err != nil {
			logger.Error("the log level stays as it is, because the settings are wrong", "err", err)
			continue
		}
		level.Set(settings.LogLevel)
		logger.Warn("the log level was read again", "level", settings.LogLevel)
	}
}
