// Package command is what the program does besides serving. Each command answers a question of the operator, or does one thing,
// and ends.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/neuracampus/attendance/server/app"
	"github.com/neuracampus/attendance/server/config"
)

// Process is what a command has of its process.
type Process struct {
	Environ        []string
	Dotenv         string // the file with further settings
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// settings returns the settings that the server would start with.
func (p Process) settings() (config.Config, error) {
	settings, err := config.Load(p.Environ, p.Dotenv)
	if err != nil {
		return config.Config{}, fmt.Errorf("settings are wrong:\n%w", err)
	}
	return settings, nil
}

// command is one of the words that can follow the program's name.
type command struct {
	name, arguments string
	about           string
	run             func(ctx context.Context, p Process, arguments []string) error
}

func commands() []command {
	return []command{
		{"check", "", "look for what keeps the server from working: settings, database, Redis, certificate, limits", check},
		{"settings", "", "print every setting as it takes effect, without secrets", settings},
		{"token", "--sub ID --role ROLE [--for TIME] [--secret-file FILE]", "make a token that is signed with JWT_SECRET", token},
		{"token check", "[TOKEN]", "say whose a token is, or why it is refused; without an argument it is read from the input", tokenCheck},
		{"healthcheck", "", "ask the server on this machine whether it is ready", healthcheck},
		{"backup", "FILE", "copy the SQLite database into a new file; the server may be running", backup},
		{"retention", "--dry-run", "say which sessions would lose their students because of RETENTION", retention},
		{"version", "", "print the version", version},
		{"help", "", "print this text", help},
	}
}

// usageError says that the arguments make no sense. The exit status is 2 then.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text + "; attendance help lists the commands" }

func wrongUsage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// Run does what the arguments of the program ask for and returns its exit status: 0, 1 for a failure, 2 for arguments that make no
// sense.
func Run(ctx context.Context, p Process, arguments []string) (status int) {
	err := run(ctx, p, arguments)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(p.Stderr, err) // there is nowhere else to say it
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

func run(ctx context.Context, p Process, arguments []string) error {
	// The longest name that fits: "token check" before "token".
	var found *command
	for _, each := range commands() {
		words := strings.Fields(each.name)
		if len(arguments) >= len(words) && strings.Join(arguments[:len(words)], " ") == each.name &&
			(found == nil || len(each.name) > len(found.name)) {
			found = &each
		}
	}
	switch {
	case found != nil:
		return found.run(ctx, p, arguments[len(strings.Fields(found.name)):])
	case arguments[0] == "--help":
		return help(ctx, p, arguments[1:])
	case arguments[0] == "--version":
		return version(ctx, p, arguments[1:])
	}
	return wrongUsage("there is no command %q", arguments[0])
}

// parse reads the flags of a command and returns its other arguments, of which there are at most some.
func parse(flags *flag.FlagSet, arguments []string, most int) ([]string, error) {
	flags.SetOutput(io.Discard) // the error says it
	if err := flags.Parse(arguments); err != nil {
		return nil, wrongUsage("%s: %v", flags.Name(), err)
	}
	if flags.NArg() > most {
		return nil, wrongUsage("%s: the argument %q is one too many", flags.Name(), flags.Arg(most))
	}
	return flags.Args(), nil
}

// refuseArguments refuses all arguments.
func refuseArguments(name string, arguments []string) error {
	_, err := parse(flag.NewFlagSet(name, flag.ContinueOnError), arguments, 0)
	return err
}

func version(_ context.Context, p Process, arguments []string) error {
	if err := refuseArguments("version", arguments); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.Stdout, "attendance", app.Version())
	return err
}

func help(_ context.Context, p Process, arguments []string) error {
	if err := refuseArguments("help", arguments); err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString(`Usage: attendance [command]

Without a command, it serves until SIGTERM or SIGINT (Ctrl+C) stops it. It takes its settings from the environment and from the
file .env in the working directory; .env.example describes them. The commands take the same settings.

`)
	for _, each := range commands() {
		text.WriteString("  " + strings.TrimSpace(each.name+" "+each.arguments) + "\n        " + each.about + "\n")
	}
	_, err := io.WriteString(p.Stdout, text.String())
	return err
}

func settings(_ context.Context, p Process, arguments []string) error {
	if err := refuseArguments("settings", arguments); err != nil {
		return err
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	for _, setting := range known.Settings() {
		if _, err := fmt.Fprintf(p.Stdout, "%s=%s\n", setting.Name, setting.Value); err != nil {
			return err
		}
	}
	return nil
}
