package command

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/neuracampus/attendance/models"
)

// retention says what the server would do today because of RETENTION. It does nothing itself, except that opening the database brings its
// tables up to date, as a start of the server does.
func retention(ctx context.Context, p Process, arguments []string) (err error) {
	flags := flag.NewFlagSet("retention", flag.ContinueOnError)
	dryRun := flags.Bool("dry-run", false, "")
	if _, err := parse(flags, arguments, 0); err != nil {
		return err
	}
	if !*dryRun {
		return wrongUsage("retention: add --dry-run; without it the running server does it, once a day")
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	if known.Retention == 0 {
		return errors.New("RETENTION is not set, so everything is kept")
	}
	mode := models.ModeOpen
	if known.Signed() {
		mode = models.ModeSigned
	}
	store, err := models.Open(ctx, models.Options{
		DSN: string(known.DatabaseDSN), DataDir: known.DataDir, Mode: mode, AllowOpen: true, Location: known.CampusTZ,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	count, err := store.RetentionPreview(ctx, int(known.Retention))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%d sessions before %s with %d marks would lose their students\n", count.Sessions, count.Before, count.Marks)
	return err
}
